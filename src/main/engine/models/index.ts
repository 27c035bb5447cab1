/** The door to the models room: from checkpoints to graphs. */
export { conditionedDecoderGraph } from './architectures/asymmetric-decoder.ts'
export { decoderGraph, encoderGraph } from './architectures/autoencoder.ts'
export { clipTextGraph, pooledPlaces } from './architectures/clip-text.ts'
export { autoencoderConfig, clipTextConfig, tinyConfig, unetConfig } from './architectures/config.ts'
export { tinyDecoderGraph, tinyEncoderGraph } from './architectures/tiny-autoencoder.ts'
export { unetGraph } from './architectures/unet.ts'
export type { Architecture, Checkpoint, Component, OnnxComponent } from './checkpoint/checkpoint.ts'
export { componentDigest, componentStamp, graphKey } from './checkpoint/component-digest.ts'
export { checkpointComponents } from './checkpoint/key-map.ts'
export { openCheckpoint } from './checkpoint/open.ts'
export {
  type ComponentGraphOptions,
  componentGraph,
  componentParts,
  type DecoderPiece,
  type DecoderTiling,
  decoderTiling,
  type Part,
} from './component-graph.ts'
export { type LoraAtWeight, openLora } from './lora/lora.ts'
export { type AttentionForm, type BuiltGraph, Graph, type Precision } from './onnx/graph.ts'
export { Layers } from './onnx/layers.ts'
export { readSafetensors, type StoredTensor } from './safetensors.ts'
export { readTokenizer } from './tokenizer/files.ts'
export { Weights } from './weights.ts'

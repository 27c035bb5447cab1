/** Entry point of the inference host: every ONNX session lives in this process, because running one blocks it. */
import { runHost } from './host-entry.ts'
import { createInferenceHost } from './inference-service.ts'

runHost(createInferenceHost)

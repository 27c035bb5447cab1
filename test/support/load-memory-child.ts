/**
 * Opens a network of heavy convolutions in a process of its own and prints how many megabytes that took at its highest.
 * Arguments: the file of weights and its number of convolutions.
 */
import { Session } from '../../src/main/engine/inference/session.ts'
import { Graph, Layers, readSafetensors, Weights } from '../../src/main/engine/models/index.ts'

const [file = '', count = ''] = process.argv.slice(2)
const { tensors } = await readSafetensors(file)
const graph = new Graph()
const net = new Layers(graph, new Weights(tensors, file))
const one = graph.input('one', 'float32', [1])
net.unknownZero = graph.node('Sub', [one, one])
let h = graph.input('x', 'float32', [1, 1280, 8, 8])
for (let i = 0; i < Number(count); i++) h = net.conv(h, `conv.${i}`, { in: 1280, out: 1280 })
graph.output('y', h, [1, 1280, 8, 8])
const before = process.resourceUsage().maxRSS
const session = await Session.open(graph.build(), { threads: 1 })
console.log((process.resourceUsage().maxRSS - before) / 1024)
await session.release()

/**
 * The rooms of the house and who may import whom. Each rule's comment is the sentence a person reads when it fires.
 * The folder says where code runs; this file proves it.
 */
const engine = '^src/main/engine'

module.exports = {
  forbidden: [
    {
      name: 'shared-is-pure',
      comment:
        'src/shared runs anywhere: it may import itself, zod and the RPC contract library, nothing else.',
      severity: 'error',
      from: { path: '^src/shared' },
      to: { pathNot: ['^src/shared', '(^|/)node_modules/(zod|@orpc/contract)/'] },
    },
    {
      name: 'imaging-knows-pixels-only',
      comment: 'engine/imaging knows pictures: no project, models, inference, jobs or hosts.',
      severity: 'error',
      from: { path: `${engine}/imaging` },
      to: { path: ['^src/(main|renderer|preload)'], pathNot: `${engine}/imaging` },
    },
    {
      name: 'project-knows-imaging-only',
      comment: 'engine/project knows documents and files: of the engine it may import imaging only.',
      severity: 'error',
      from: { path: `${engine}/project` },
      to: { path: ['^src/(main|renderer|preload)'], pathNot: [`${engine}/(project|imaging)`] },
    },
    {
      name: 'models-know-checkpoints-only',
      comment: 'engine/models turns checkpoints into graphs: of the engine it may import nothing but itself.',
      severity: 'error',
      from: { path: `${engine}/models` },
      to: { path: ['^src/(main|renderer|preload)'], pathNot: [`${engine}/models`] },
    },
    {
      name: 'inference-knows-no-project',
      comment: 'engine/inference runs models: it may import imaging and models, never projects or jobs.',
      severity: 'error',
      from: { path: `${engine}/inference` },
      to: { path: ['^src/(main|renderer|preload)'], pathNot: [`${engine}/(inference|imaging|models)`] },
    },
    {
      name: 'engine-knows-no-host',
      comment:
        'The engine is a library: it may not import hosts, the loopback server, the command line or Electron.',
      severity: 'error',
      from: { path: engine },
      to: { path: '^src/(main/(hosts|loopback|cli|electron)|renderer|preload)' },
    },
    {
      name: 'electron-lives-in-two-rooms',
      comment:
        'Only src/main/electron and src/preload may import electron: elsewhere it would try to download itself.',
      severity: 'error',
      from: { pathNot: ['^src/main/electron', '^src/preload'] },
      to: { path: '(^|/)node_modules/electron/' },
    },
    {
      name: 'electron-main-stays-light',
      comment:
        'Electron main must never block: it may import shared and the hosts, nothing native, no engine.',
      severity: 'error',
      from: { path: '^src/main/electron' },
      to: {
        path: [
          `${engine}`,
          '^src/(renderer|preload)',
          '^src/main/(loopback|cli)',
          'node_modules/(sharp|better-sqlite3|onnxruntime-node)/',
        ],
      },
    },
    {
      name: 'supervisor-loads-nothing-native',
      comment:
        'The supervisor starts hosts from any process, so neither it nor what it imports may load a native module.',
      severity: 'error',
      from: { path: '^src/main/hosts/host-supervisor' },
      to: { path: 'node_modules/(sharp|better-sqlite3|onnxruntime-node)/', reachable: true },
    },
    {
      name: 'loopback-and-cli-use-the-doors',
      comment:
        'The loopback server and the command line reach the engine through its two doors or the supervisor.',
      severity: 'error',
      from: { path: '^src/main/(loopback|cli)', pathNot: '^src/main/cli/commands/eval(-table)?\\.ts$' },
      to: {
        path: [`${engine}/.+`, '^src/(renderer|preload)'],
        pathNot: [`${engine}/index\\.ts$`, `${engine}/inference/index\\.ts$`],
      },
    },
    {
      name: 'loopback-runs-no-models',
      comment:
        'The loopback server must answer while a model runs: models run in the inference host, or in a command that waits.',
      severity: 'error',
      from: { path: '^src/main/loopback' },
      to: { path: `${engine}/inference` },
    },
    {
      name: 'eval-runs-models-itself',
      comment:
        'inlay eval waits for models and does nothing else, so it alone runs them in its own process, through evaluate.ts.',
      severity: 'error',
      from: { path: '^src/main/cli/commands/eval(-table)?\\.ts$' },
      to: {
        path: [`${engine}/.+`, '^src/(renderer|preload)'],
        pathNot: [`${engine}/index\\.ts$`, `${engine}/inference/evaluate/evaluate\\.ts$`],
      },
    },
    {
      name: 'hosts-use-the-engine-door',
      comment: 'Hosts reach the engine through engine/index.ts.',
      severity: 'error',
      from: { path: '^src/main/hosts' },
      to: {
        path: [`${engine}/.+`, '^src/(renderer|preload)', '^src/main/(loopback|cli|electron)'],
        pathNot: [`${engine}/index\\.ts$`, `${engine}/inference/index\\.ts$`],
      },
    },
    {
      name: 'renderer-is-a-page',
      comment: 'The renderer is a browser page: no Node, no Electron, no src/main, no preload.',
      severity: 'error',
      from: { path: '^src/renderer' },
      to: {
        path: ['^src/(main|preload)', 'node_modules/(electron|sharp|better-sqlite3|onnxruntime-node|ws)/'],
      },
    },
    {
      name: 'renderer-uses-no-node',
      comment: 'The renderer is a browser page: Node modules are not there.',
      severity: 'error',
      from: { path: '^src/(renderer|shared)' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'tools-know-neither-react-nor-konva',
      comment: 'tools and editor are plain state machines: they import neither React nor Konva nor panels.',
      severity: 'error',
      from: { path: '^src/renderer/(tools|editor)' },
      to: { path: ['node_modules/(react|react-dom|konva|react-konva)/', '^src/renderer/(panels|app|ui)'] },
    },
    {
      name: 'canvas-imports-no-panels',
      comment: 'The canvas shows the picture: it imports no panels.',
      severity: 'error',
      from: { path: '^src/renderer/canvas' },
      to: { path: '^src/renderer/(panels|app)' },
    },
    {
      name: 'panels-import-no-tools',
      comment: 'Panels dispatch actions: they do not import tools.',
      severity: 'error',
      from: { path: '^src/renderer/panels' },
      to: { path: '^src/renderer/tools' },
    },
    {
      name: 'preload-is-a-bridge',
      comment: 'The preload is a bridge: electron and shared only.',
      severity: 'error',
      from: { path: '^src/preload' },
      to: { path: '^src/(main|renderer)' },
    },
    {
      name: 'no-circles',
      comment:
        'Two files that import each other are one idea in two files: join them, or take out what both need.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-unresolved',
      comment: 'The import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}

/**
 * What Electron runs, as electron-vite builds it.
 *
 * Invariant: everything of the main process, the hosts and their threads lies flat in `out/main`, because each finds the others
 * beside itself (`new URL('./x.js', import.meta.url)`), chunks included. The preload script is CommonJS, as the sandbox wants.
 */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'electron-vite'
import manifest from './package.json' with { type: 'json' }
import page from './vite.config.ts'

const root = fileURLToPath(new URL('.', import.meta.url))
const main = (file: string): string => `${root}src/main/${file}`

/** Modules with native parts or WebAssembly are shipped as they are (`build.files` of package.json); all others are bundled. */
const SHIPPED_AS_THEY_ARE = ['better-sqlite3', 'lcms-wasm', 'onnxruntime-node', 'sharp']
const bundled = Object.keys(manifest.dependencies).filter((name) => !SHIPPED_AS_THEY_ARE.includes(name))

export default defineConfig({
  main: {
    build: {
      outDir: `${root}out/main`,
      target: 'node24',
      externalizeDeps: { exclude: bundled },
      reportCompressedSize: false,
      rollupOptions: {
        input: {
          main: main('electron/main.ts'),
          'project-host': main('hosts/project-host.ts'),
          'inference-host': main('hosts/inference-host.ts'),
          'parent-watch-worker': main('hosts/parent-watch-worker.ts'),
          'imaging-worker': main('engine/imaging/imaging-worker.ts'),
          'patch-fill-worker': main('engine/imaging/patch-fill/patch-fill-worker.ts'),
        },
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunk-[name]-[hash].js',
        },
      },
    },
  },
  preload: {
    build: {
      outDir: `${root}out/preload`,
      reportCompressedSize: false,
      rollupOptions: {
        input: { preload: `${root}src/preload/preload.ts` },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    ...page,
    build: { ...page.build, rollupOptions: { input: `${root}src/renderer/index.html` } },
  },
})

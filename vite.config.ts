/** The page: built the same for the loopback server (`vite build`) and for Electron (`electron.config.ts` takes it over). */
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import type { UserConfig } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))

export default {
  root: `${root}src/renderer`,
  base: '/',
  plugins: [react()],
  logLevel: 'warn',
  worker: { format: 'es' },
  build: {
    outDir: `${root}out/renderer`,
    emptyOutDir: true,
    target: 'esnext',
    // The page's policy allows no inline fonts or scripts, so nothing may become a data: address.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    reportCompressedSize: false,
  },
} satisfies UserConfig

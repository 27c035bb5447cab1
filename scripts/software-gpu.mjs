/**
 * A graphics card in software, for tests of WebGPU on machines without one: the Vulkan driver that Chromium ships.
 */
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findChromium } from './chromium.mjs'

const MANIFEST = 'vk_swiftshader_icd.json'

/** @returns the environment in which WebGPU finds it, or undefined where there is none. */
export function softwareGpu() {
  const browser = findChromium()
  const folders = [
    ...(browser ? [dirname(realpathSync(browser))] : []),
    '/usr/lib/chromium',
    '/usr/lib64/chromium-browser',
  ]
  const folder = folders.find((one) => existsSync(join(one, MANIFEST)))
  if (process.platform !== 'linux' || folder === undefined) return undefined
  return {
    VK_ICD_FILENAMES: join(folder, MANIFEST),
    // The loader of Vulkan drivers lies there too.
    LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? '/tmp',
  }
}

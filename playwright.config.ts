import { defineConfig } from '@playwright/test'

const executablePath = process.env['INLAY_CHROMIUM'] ?? '/usr/bin/chromium'

export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.spec.ts',
  globalSetup: './test/support/build-page.ts',
  // Two cores are shared by the browser, the hosts and the test: one page at a time keeps timings honest.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  outputDir: 'test-results',
  use: {
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    launchOptions: { executablePath, args: ['--no-sandbox'] },
  },
})

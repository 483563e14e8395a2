import { defineConfig } from "@playwright/test";
import type { TestOptions } from "./fixtures/test";

/** A hydrated spec needs JavaScript; every other one has to hold with it and without. */
const hydrated = /\.hydrated\.spec\.ts$/;

export default defineConfig<object, TestOptions>({
  testDir: "tests",
  globalSetup: "./fixtures/global-setup.ts",
  outputDir: "test-results",
  // A test that cannot end is a failed test.
  timeout: 45_000,
  globalTimeout: 50 * 60_000,
  expect: { timeout: 7_000 },
  fullyParallel: true,
  // Each worker runs a browser and a server of its own.
  workers: 2,
  // One more try on a machine that is busy; the report calls such a test flaky, not passed.
  retries: 1,
  forbidOnly: !!process.env["CI"],
  reporter: [["list"], ["html", { open: "never" }]],
  use: {
    launchOptions: {
      executablePath: process.env["CHROMIUM"] || "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        // What makes a long visit fast costs each of a thousand short ones: a process for every page, one more for a
        // graphics card that is not there, and the second, better compilation of the same wasm.
        "--renderer-process-limit=1",
        "--in-process-gpu",
        "--js-flags=--liftoff-only",
      ],
    },
    actionTimeout: 10_000,
    navigationTimeout: 15_000,
    locale: "en-GB",
    timezoneId: "UTC",
    screenshot: "only-on-failure",
    trace: process.env["TRACE"] ? "retain-on-failure" : "off",
  },
  projects: [
    { name: "javascript", testMatch: /\.spec\.ts$/ },
    { name: "plain", testMatch: /\.spec\.ts$/, testIgnore: hydrated, use: { javaScriptEnabled: false } },
    { name: "screenshots", testMatch: /screens\..*\.ts$/, timeout: 90_000 },
  ],
});

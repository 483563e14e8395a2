import type { CDPSession } from "@playwright/test";
import { orange, picture, Settings } from "../fixtures/settings";
import { expect, test } from "../fixtures/test";

/** What the client's page may weigh on the wire without scripts. */
const BUDGET = 20 * 1024;

test("the preview follows while a member types, picks and removes", async ({ ann }) => {
  const settings = new Settings(ann);
  await settings.opens();
  const plain = await settings.previewButton.evaluate((button) => getComputedStyle(button).backgroundColor);
  await settings.name.fill(`${ann.identity.organization} Studio`);
  await expect(settings.preview).toContainText(`${ann.identity.organization} Studio`);
  await settings.accent.fill(orange.code);
  await expect(settings.previewButton).toHaveCSS("background-color", orange.drawn);
  await expect(settings.colourPicker).toHaveValue(orange.code);
  await settings.support.fill("help@bright.example");
  await expect(settings.preview).toContainText("help@bright.example");

  // What cannot be seen is said as soon as it is written, and shown to nobody.
  await settings.accent.fill("#ffe600");
  await expect(settings.accent).toHaveAccessibleDescription(/#ffe600 is too light/);
  await expect(settings.previewButton).toHaveCSS("background-color", plain);
  await settings.accent.fill("#ff");
  await expect(settings.accent).not.toHaveAttribute("aria-invalid", "true");

  await settings.colourPicker.fill("#2563eb");
  await expect(settings.accent).toHaveValue("#2563eb");
  await expect(settings.previewButton).toHaveCSS("background-color", "rgb(37, 99, 235)");
  await settings.logo.setInputFiles(picture(88, 88));
  await settings.saves();
  await settings.removeLogo.check();
  await expect(settings.preview.locator("img.brand-logo")).toHaveCount(0);
  await settings.removeLogo.uncheck();
  await expect(settings.preview.locator("img.brand-logo")).toHaveCount(1);
});

test("the client's page weighs at most 20 KB with a logo, a colour and a support address, too", async ({ ann, newClient, watch }, info) => {
  // The scripts that are held back here.
  watch.expects(/ERR_FAILED|dynamically imported module/);
  const settings = new Settings(ann);
  await settings.opens();
  await settings.givesAFace();
  await ann.opensDashboard();
  const link = await ann.sharesLink();
  const client = await newClient();
  await client.page.context().route(/\.(js|wasm)(\?|$)/, (route) => route.abort());
  const session: CDPSession = await client.page.context().newCDPSession(client.page);
  const urls = new Map<string, string>();
  const bytes = new Map<string, number>();
  session.on("Network.responseReceived", ({ requestId, response }) => urls.set(requestId, response.url));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const url = urls.get(requestId);
    if (url) bytes.set(new URL(url).pathname.replace(/^\/connect\/.*/, "/connect/…"), encodedDataLength);
  });
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  await client.opens(link);
  await client.page.waitForLoadState("load");
  await session.detach();
  const report = [...bytes].map(([path, size]) => `${size}\t${path}`).join("\n");
  info.annotations.push({ type: "weight", description: report });
  expect([...bytes.keys()].filter((path) => path.startsWith("/brand/"))).toHaveLength(2);
  const total = [...bytes.values()].reduce((sum, size) => sum + size, 0);
  // The icon of the page, which a browser without a window does not fetch.
  const icon = (await (await fetch(new URL("/favicon.svg", link))).arrayBuffer()).byteLength;
  expect(total + icon, report).toBeLessThanOrEqual(BUDGET);
});

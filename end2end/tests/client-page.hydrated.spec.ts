import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CDPSession, Page } from "@playwright/test";
import { expectAccessible } from "../fixtures/axe";
import { hydrated } from "../fixtures/actions";
import { enlargeText, expectReflow, expectRoom } from "../fixtures/looks";
import { people } from "../fixtures/people";
import { clientStates } from "../fixtures/states";
import { expect, test } from "../fixtures/test";

/** What the client's page may weigh on the wire without scripts. */
const BUDGET = 20 * 1024;

test("the client's page is at most 20 KB of HTML, CSS and icons on the wire", async ({ ann, newClient, watch }, info) => {
  // The scripts that are held back here.
  watch.expects(/ERR_FAILED|dynamically imported module/);
  const link = await ann.sharesLink();
  const client = await newClient();
  const needed = await weigh(client.page, async () => {
    await client.page.context().route(/\.(js|wasm)(\?|$)/, (route) => route.abort());
    await client.opens(link);
  });
  await client.page.context().unrouteAll();
  for (const [url, bytes] of await weighIcons(client.page)) if (!needed.has(url)) needed.set(url, bytes);
  const total = sum(needed);

  const whole = await newClient();
  const scripts = await weigh(whole.page, async () => {
    await whole.opens(link);
    await hydrated(whole.page, true);
  });
  const program = new Map([...scripts].filter(([url]) => /\.(js|wasm)(\?|$)/.test(url)));
  const report = [
    ...[...needed].map(([url, bytes]) => `${bytes}\t${new URL(url).pathname.replace(/^\/connect\/.*/, "/connect/…")}`),
    `${total}\tHTML, CSS and icons`,
    `${sum(program)}\tscript and program, when the browser is idle`,
  ].join("\n");
  info.annotations.push({ type: "weight", description: report });
  console.log(report);
  expect(total, report).toBeLessThanOrEqual(BUDGET);
});

test("a12 the client's page asks nobody else for anything, and says nothing on its own", async ({ ann, newClient, server }) => {
  const link = await ann.sharesLink();
  const client = await newClient();
  const asked: string[] = [];
  client.page.on("request", (request) => asked.push(request.url()));
  await client.opens(link);
  await hydrated(client.page, client.scripts);
  expect(asked.length).toBeGreaterThan(1);
  for (const url of asked) {
    expect(new URL(url).origin).toBe(server.baseUrl);
    // The link is in the address of the page, and in no other.
    if (url !== link) expect(url).not.toContain(link.split("/").pop());
  }
});

test("a35 in another site's frame the page shows nothing", async ({ ann, newClient, watch }) => {
  const link = await ann.sharesLink();
  const client = await newClient();
  const site = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(`<!doctype html><title>Another site</title><iframe src="${link}" width="400" height="700"></iframe>`);
  });
  await new Promise<void>((done) => site.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  watch.permits(origin);
  watch.expects(/frame-ancestors|X-Frame-Options|Framing|ERR_BLOCKED_BY_RESPONSE/);
  // That page is not ours, and has none of our headers; the frame's answer is.
  try {
    await client.page.goto(origin);
    const frame = client.page.frames()[1];
    expect(frame).toBeDefined();
    await expect.poll(() => frame!.url()).toBe("chrome-error://chromewebdata/");
    await expect(client.page.frameLocator("iframe").getByRole("button", { name: "Continue to Instagram" })).toHaveCount(0);
    await expect(client.page.frameLocator("iframe").getByText(ann.identity.organization)).toHaveCount(0);
  } finally {
    site.close();
  }
});

test("u15 on a narrow screen and with large text nothing is cut off, and nothing scrolls sideways", async ({ ann, newClient }) => {
  const link = await ann.sharesLink();
  for (const [width, large] of [
    [320, false],
    [360, true],
    [320, true],
  ] as const) {
    const client = await newClient({ viewport: { width, height: 640 } });
    await client.opens(link);
    if (large) await enlargeText(client.page);
    const what = `${width} px${large ? " with text of 200 %" : ""}`;
    await expectReflow(client.page, what);
    await expectRoom(client.page, what);
    const box = await client.continueButton.boundingBox();
    expect(box!.x, what).toBeGreaterThanOrEqual(0);
    expect(box!.x + box!.width, what).toBeLessThanOrEqual(width);
    expect(box!.height, `${what}: the button is big enough for a finger`).toBeGreaterThanOrEqual(44);
  }
});

test("u15 in forced colours the page breaks no rule", async ({ ann, newClient }) => {
  const client = await newClient({ forcedColors: "active" });
  await client.opens(await ann.sharesLink());
  await expectAccessible(client.page, "the request in forced colours");
  await client.continuesToInstagram();
  await client.signsInAtInstagram(people.studioNora);
  await client.allows();
  await client.readsConnected(people.studioNora);
  await expectAccessible(client.page, "the confirmation in forced colours");
});

test("u32 nothing moves by itself: the layout of request, confirmation and dashboard is stable", async ({ ann, newClient, page }) => {
  const link = await ann.sharesLink();
  const client = await newClient({ viewport: { width: 360, height: 640 } });
  await notesShifts(client.page);
  await client.opens(link);
  await hydrated(client.page, client.scripts);
  expect(await shifted(client.page), "the request").toBe(0);

  await client.continuesToInstagram();
  await client.signsInAtInstagram(people.studioNora);
  await client.allows();
  await client.readsConnected(people.studioNora);
  await hydrated(client.page, client.scripts);
  expect(await shifted(client.page), "the confirmation").toBe(0);

  await notesShifts(page);
  await ann.opensDashboard();
  await ann.seesConnected(people.studioNora);
  expect(await shifted(page), "the dashboard").toBe(0);
});

test("u32 the connecting page turns its spinner beside words, and holds it still for who asks for less motion", async ({ ann, newClient, server, somebody, watch }) => {
  const connecting = clientStates.find(({ name }) => name === "client-connecting");
  const page = await connecting!.reach({ ann, newClient, server, somebody, watch });
  const moving = (): Promise<number> => page.evaluate(() => document.getAnimations().length);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await expect.poll(moving).toBeGreaterThan(0);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await expect.poll(moving).toBe(0);
  await expect(page.getByText("Instagram is slow right now")).toBeVisible();
});

test("the whole of the client's page can be used from the keyboard", async ({ ann, newClient }) => {
  const client = await newClient();
  await client.opens(await ann.sharesLink());
  for (let step = 0; step < 20; step += 1) {
    await client.page.keyboard.press("Tab");
    if (await client.continueButton.evaluate((button) => button === document.activeElement)) break;
  }
  await expect(client.continueButton).toBeFocused();
  // U19: the focus can be seen.
  const outline = await client.continueButton.evaluate((button) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(button);
    return { drawn: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2, boxShadow };
  });
  expect(outline.drawn || outline.boxShadow !== "none").toBe(true);
  await client.page.keyboard.press("Enter");
  await client.isAtInstagram();
});

/** From its next document on, a page notes how far its content jumps (layout shifts). */
async function notesShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as PerformanceEntry & { value: number }).value);
    }).observe({ type: "layout-shift", buffered: true });
  });
}

/** How far the content of this document has jumped, once what it shows is drawn. */
function shifted(page: Page): Promise<number> {
  return page.evaluate(async () => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    return (window as unknown as { shifts: number[] }).shifts.reduce((sum, value) => sum + value, 0);
  });
}

/** What each answer of a page weighs on the wire, headers included. */
async function weigh(page: Page, load: () => Promise<void>): Promise<Map<string, number>> {
  const session: CDPSession = await page.context().newCDPSession(page);
  const urls = new Map<string, string>();
  const bytes = new Map<string, number>();
  session.on("Network.responseReceived", ({ requestId, response }) => urls.set(requestId, response.url));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const url = urls.get(requestId);
    if (url) bytes.set(url, encodedDataLength);
  });
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  await load();
  await page.waitForLoadState("load");
  await session.detach();
  return bytes;
}

/** The icons of a page. A browser without a window does not fetch them by itself. */
async function weighIcons(page: Page): Promise<Map<string, number>> {
  const links = await page.locator('link[rel~="icon"], link[rel="apple-touch-icon"]').evaluateAll((all) => all.map((link) => (link as HTMLLinkElement).href));
  const bytes = new Map<string, number>();
  for (const url of links.filter((url) => !url.startsWith("data:"))) {
    const response = await fetch(url, { headers: { "accept-encoding": "identity" } });
    expect(response.status, url).toBe(200);
    bytes.set(url, (await response.arrayBuffer()).byteLength);
  }
  return bytes;
}

function sum(bytes: Map<string, number>): number {
  return [...bytes.values()].reduce((total, one) => total + one, 0);
}

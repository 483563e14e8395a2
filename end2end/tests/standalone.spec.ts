import { hydrated } from "../fixtures/actions";
import { people } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

test.use({ alone: true });

test("a91 the program alone serves the whole journey, its front end included", async ({ ann, javaScriptEnabled, newClient, page }) => {
  // Scripts, program and style are named by their content; with scripts on, they are what takes the page over.
  await hydrated(page, javaScriptEnabled ?? true);
  await expect(page.locator("link#leptos")).toHaveAttribute("href", /^\/pkg\/grantlink\.[\w-]{22}\.css$/);

  const link = await ann.generatesLink("Bakery Huber");
  await ann.opensDashboard();
  const client = await newClient();
  await client.connects(link, people.bakeryHuber);
  await page.reload();
  await ann.seesConnected(people.bakeryHuber);
});

test("a91 a front-end file comes compressed, whole and typed out of the program", async ({ request }) => {
  const page = await (await request.get("/sign-in")).text();
  const script = /\/pkg\/grantlink\.[\w-]+\.js/.exec(page)?.[0];
  const program = /\/pkg\/grantlink\.[\w-]+\.wasm/.exec(page)?.[0];
  const forEver = "public, max-age=31536000, immutable";
  for (const [path, type, kept] of [
    [script, /javascript/, forEver],
    [program, /^application\/wasm$/, forEver],
    ["/favicon.svg", /^image\/svg\+xml$/, "public, max-age=3600"],
  ] as const) {
    expect(path).toBeDefined();
    const plain = await request.get(path!, { headers: { "accept-encoding": "identity" } });
    const packed = await request.get(path!, { headers: { "accept-encoding": "br" } });
    expect(plain.status(), path).toBe(200);
    expect(plain.headers()["content-type"], path).toMatch(type);
    expect(packed.headers()["content-encoding"], path).toBe("br");
    expect(packed.headers()["vary"], path).toContain("accept-encoding");
    expect(packed.headers()["cache-control"], path).toBe(kept);
    expect((await packed.body()).equals(await plain.body()), path).toBe(true);
    const known = await request.get(path!, { headers: { "accept-encoding": "br", "if-none-match": packed.headers()["etag"] ?? "" } });
    expect(known.status(), path).toBe(304);
  }
  for (const path of ["/pkg/", "/pkg/nothing.js", "/pkg/grantlink", "/hash.txt"]) {
    expect((await request.get(path)).status(), path).toBe(404);
  }
});

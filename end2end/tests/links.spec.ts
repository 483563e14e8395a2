import { markOf, people } from "../fixtures/people";
import { SUPPORT_EMAIL } from "../fixtures/server";
import { expect, test } from "../fixtures/test";

test("s08 s09 s10 s11 s18 s19 s20 s21 u22 u24 a link is generated in the dialog and listed there, newest first", async ({ ann }) => {
  await ann.opensConnectLinks();
  const first = await ann.generatesLink("Bakery Huber");
  const second = await ann.generatesLink("Studio Nora");
  // S01
  expect(second).not.toBe(first);
  await expect(ann.urlField).not.toBeEditable();

  const entries = ann.dialog.getByRole("listitem");
  await expect(entries).toHaveCount(2);
  await expect(entries.nth(0)).toContainText("Studio Nora");
  await expect(entries.nth(1)).toContainText("Bakery Huber");
  for (const entry of await entries.all()) {
    await expect(entry).toContainText(ann.identity.email);
    // U24: the date with its year.
    await expect(entry).toContainText(/\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) 20\d\d\s*·\s*just now/);
    await expect(entry.locator("time").first()).toHaveAttribute("title", / UTC$/);
    await expect(entry.locator("time").first()).toHaveAttribute("tabindex", "0");
    await expect(entry.getByRole("button", { name: "Copy", exact: true })).toBeVisible();
    await expect(entry.getByRole("button", { name: "Delete", exact: true })).toBeVisible();
  }
  // U22: what such a link can do.
  await expect(ann.dialog).toContainText(`Anyone with this link can connect an Instagram account to ${ann.identity.organization}. It cannot see your data.`);
  // S18: at the bottom of the dialog.
  const generate = ann.dialog.getByRole("button", { name: "Generate connect-link" });
  const [top, ...above] = await Promise.all([entries.nth(0), generate, ann.urlField].map(async (part) => (await part.boundingBox())!.y));
  for (const y of above) expect(top).toBeGreaterThan(y);
});

test("s22 u13 without scripts a link of the list is shown to be copied", async ({ ann }) => {
  test.skip(ann.scripts, "with scripts the button copies");
  const first = await ann.generatesLink("Bakery Huber");
  await ann.generatesLink("Studio Nora");
  await ann.link("Bakery Huber").getByRole("button", { name: "Copy", exact: true }).click();
  await expect(ann.urlField).toHaveValue(first);
});

test("s09 a link without a description can be told by its date and who made it", async ({ ann }) => {
  await ann.generatesLink("");
  const entries = ann.dialog.getByRole("listitem");
  await expect(entries).toHaveCount(1);
  await expect(entries).toContainText(ann.identity.email);
});

test("u21 a link's entry says for how long it is good, whether it works, and when it was last used", async ({ ann, somebody }) => {
  const link = await ann.generatesLink("Watched");
  const entry = ann.link("Watched");
  const live = entry.getByText("Live", { exact: true });
  await expect(live).toBeVisible();
  await expect(entry).toContainText("Never expires");
  await expect(entry).toContainText("Not used yet");

  await somebody.connects(link, people.studioNora);
  await ann.opensDashboard();
  await ann.opensConnectLinks();
  await expect(live).toBeVisible();
  await expect(entry).toContainText("Never expires");
  await expect(entry).toContainText(/Used once\s*·\s*last\s+\d{1,2} [A-Z][a-z]{2} 20\d\d\b/);
});

test("u18 u20 too long a description is refused with the reason", async ({ ann, page, watch }) => {
  watch.expects(/status of 422/);
  await ann.opensConnectLinks();
  const description = ann.dialog.getByRole("textbox", { name: "Description" });
  // Longer than the field takes from a keyboard: what another program would send.
  await description.evaluate((field) => field.removeAttribute("maxlength"));
  await description.fill("ä".repeat(201));
  await ann.dialog.getByRole("button", { name: "Generate connect-link" }).click();
  await expect(page.getByText("Use at most 200 characters for the description.")).toBeVisible();
  await expect(description).toHaveValue("ä".repeat(201));
  await expect(description).toHaveAttribute("aria-invalid", "true");
  if (ann.scripts) await expect(description).toBeFocused();
  expect(page.url(), "the address says nothing of it").not.toContain("__err");
  await expect(ann.dialog.getByRole("listitem")).toHaveCount(0);
});

test("s23 s24 s40 s41 u23 a deleted link is dead for anyone, its accounts and the other links live on", async ({ ann, newClient, page }) => {
  const doomed = await ann.sharesLink("Doomed");
  const other = await ann.sharesLink("Other");
  const client = await newClient();
  await client.connects(doomed, people.bakeryHuber);

  await ann.opensDashboard();
  await ann.asksToDelete("Doomed");
  // U36: the question names the link.
  await expect(ann.question).toContainText("Doomed");
  // U23: what ends, and that there is no way back but a new one.
  await expect(ann.question).toContainText("stops working at once");
  await expect(ann.question).toContainText("cannot be brought back; you can generate a new one");
  await ann.question.getByRole("button", { name: "Delete link" }).click();
  await expect(ann.dialog).toBeVisible();
  await expect(ann.link("Doomed")).toHaveCount(0);
  await expect(ann.link("Other")).toHaveCount(1);
  // U23
  await expect(page.getByRole("status").filter({ hasText: /deleted/i })).toBeVisible();

  // For who used it, for who never saw it, for the member.
  for (const reader of [client, await newClient()]) {
    expect(await reader.opensDead(doomed)).toBe(410);
    await expect(reader.page.getByText("This link is not active right now")).toBeVisible();
    for (const secret of [ann.identity.organization, ann.identity.email, "Doomed", people.bakeryHuber.username]) {
      expect(await reader.page.content()).not.toContain(secret);
    }
    // S42
    await expect(reader.page.locator(`a[href^="mailto:${SUPPORT_EMAIL}"]`).first()).toBeAttached();
  }
  const answer = await page.request.get(doomed);
  expect(answer.status()).toBe(410);

  await (await newClient()).opens(other);
  await ann.opensDashboard();
  await ann.seesConnected(people.bakeryHuber);
});

test("deleting can be thought better of", async ({ ann, newClient }) => {
  const link = await ann.sharesLink("Kept");
  await ann.asksToDelete("Kept");
  await ann.question.getByRole("button", { name: "Cancel" }).or(ann.question.getByRole("link", { name: "Cancel" })).click();
  await expect(ann.question).toBeHidden();
  await expect(ann.link("Kept")).toHaveCount(1);
  await (await newClient()).opens(link);
});

test("s24 a22 a link deleted while its page is open starts nothing", async ({ ann, newClient }) => {
  const link = await ann.sharesLink("Doomed");
  const client = await newClient();
  await client.opens(link);
  await ann.deletesLink("Doomed");
  await client.continueButton.click();
  await expect(client.page.getByText("This link is not active right now")).toBeVisible();
  expect(new URL(client.page.url()).origin).toBe(ann.server.baseUrl);
});

test("a22 a link deleted while its client is at Instagram connects nothing", async ({ ann, newClient }) => {
  const link = await ann.sharesLink("Doomed");
  const client = await newClient();
  await client.goesToConsent(link, people.bakeryHuber);
  await ann.deletesLink("Doomed");
  await client.allows();
  await client.isBack();
  await expect(client.page.getByText("is connected")).toHaveCount(0);
  await expect(client.page.getByText(/not active|no longer active/i).first()).toBeVisible();
  await ann.seesNoAccount();
});

test("a11 Back to a link that was deleted meanwhile shows the dead page", async ({ ann, newClient }) => {
  const link = await ann.sharesLink("Doomed");
  const client = await newClient();
  await client.opens(link);
  await client.continuesToInstagram();
  await ann.deletesLink("Doomed");
  await client.page.goBack();
  await expect(client.page.getByText("This link is not active right now")).toBeVisible();
  await expect(client.continueButton).toHaveCount(0);
});

test("a03 an unknown link is answered with 404 and says what to do", async ({ ann, newClient }) => {
  const link = await ann.sharesLink("Real");
  const client = await newClient();
  const unknown = link.slice(0, -6) + (link.endsWith("AAAAAA") ? "BBBBBB" : "AAAAAA");
  expect(await client.opensDead(unknown)).toBe(404);
  await expect(client.page.getByRole("main")).toContainText(/ask the person who sent/i);
  expect(await client.page.content()).not.toContain(markOf(ann.identity.organization));
  expect(await client.page.context().cookies()).toEqual([]);
  expect(await client.opensDead("/connect/x")).toBe(404);
});

test("a07 scanners and previews may read a link as often as they like: nothing happens, and the client comes through", async ({ ann, somebody, anotherBrowser, newClient, server }) => {
  const link = await ann.sharesLink("Scanned");
  const asked = await server.sandbox.serverCalls();
  const robots = ["Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "facebookexternalhit/1.1", "WhatsApp/2.23.20.0", "Twitterbot/1.0", "Mozilla/5.0 SafeLinks"];
  // A client for each; none of them keeps cookies, so none may be given one.
  for (const userAgent of robots) {
    for (let time = 0; time < 5; time += 1) {
      const got = await fetch(link, { headers: { "user-agent": userAgent } });
      expect(got.status).toBe(200);
      expect(got.headers.get("set-cookie")).toBeNull();
      expect(got.headers.get("x-robots-tag")).toMatch(/noindex/);
      expect(await got.text()).toContain("Continue to Instagram");
      const head = await fetch(link, { method: "HEAD", headers: { "user-agent": userAgent } });
      expect(head.status).toBe(200);
      expect(await head.text()).toBe("");
      const options = await fetch(link, { method: "OPTIONS", headers: { "user-agent": userAgent } });
      expect(options.status).toBeLessThan(500);
      await options.arrayBuffer();
    }
  }
  // One that renders the page.
  const scanner = await anotherBrowser({ userAgent: "Mozilla/5.0 (Windows NT 10.0) HeadlessChrome/130.0 SafeLinks" });
  await scanner.goto(link);
  await expect(scanner.getByRole("button", { name: "Continue to Instagram" })).toBeVisible();
  expect(await scanner.context().cookies()).toEqual([]);
  expect(await server.sandbox.serverCalls()).toBe(asked);

  await (await newClient()).opens(link);
  await somebody.connects(link, people.bakeryHuber);
});

test("a08 a scanner that presses the button uses nothing up and tells the members nothing", async ({ ann, somebody, anotherBrowser, newClient }) => {
  const link = await ann.sharesLink("Pressed");
  const scanner = await anotherBrowser({ userAgent: "Mozilla/5.0 (Windows NT 10.0) HeadlessChrome/130.0 SafeLinks" });
  await scanner.goto(link);
  await scanner.getByRole("button", { name: "Continue to Instagram" }).click();
  await expect(scanner).toHaveURL((url) => url.origin !== ann.server.baseUrl);
  await scanner.context().close();
  await ann.seesNoAccount();
  await (await newClient()).opens(link);
  await somebody.connects(link, people.bakeryHuber);
});

test("a01 no file of the server holds a link's token", async ({ ann, newClient, server }) => {
  const link = await ann.sharesLink("In the vault");
  const client = await newClient();
  await client.connects(link, people.bakeryHuber);
  const token = link.split("/").pop()!;
  expect(await server.filesHolding(token)).toEqual([]);
});

test("a58 a name or a description that is script stays text", async ({ newMemberNamed, newClient }) => {
  const bob = await newMemberNamed(`</title></textarea><script>alert(1)</script><img src=x onerror=alert(2)>"'{{7*7}}`.slice(0, 70));
  const description = `"><svg onload=alert(3)></textarea><script>alert(4)</script>{{7*7}} javascript:alert(5)`;
  await bob.opensConnectLinks();
  const link = await bob.generatesLink(description);
  await expect(bob.link(description)).toHaveCount(1);
  await bob.asksToDelete(description);
  await expect(bob.question).toContainText(description);

  const client = await newClient();
  await client.connects(link, people.bakeryHuber);
  await client.page.goto(link);
  await expect(client.banner).toContainText(bob.identity.organization);
  await bob.opensDashboard();
  await expect(bob.account(people.bakeryHuber)).toContainText(description);
});

test("a58 a refused description that is script stays text when it is shown again", async ({ ann, page, watch }) => {
  watch.expects(/status of 422/);
  const hostile = `</script><script>alert(1)</script>"><img src=x onerror=alert(2)><svg onload=alert(3)></textarea>{{7*7}}`.padEnd(201, "!");
  await ann.opensConnectLinks();
  await ann.sendsPlainly(hostile);
  const description = ann.dialog.getByRole("textbox", { name: "Description" });
  await expect(description).toHaveAttribute("aria-invalid", "true");
  await expect(description).toHaveValue(hostile);
  await expect(page.locator("img, [onerror], [onload]")).toHaveCount(0);
});

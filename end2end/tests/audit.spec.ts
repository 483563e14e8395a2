import { readFile } from "node:fs/promises";
import { people } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

test("the activity tells both sides of a link, and the filters choose among it", async ({ ann, newClient, somebody, page }) => {
  const link = await ann.sharesLink("Studio Nora, autumn");
  const client = await newClient();
  // Looking at the page is nothing that anybody did.
  await client.opens(link);
  await client.page.reload();
  await client.goesToConsent(link, people.studioNora);
  await client.cancels();
  await client.readsNotConnected();
  await somebody.connects(link, people.studioNora);

  await ann.opensDashboard();
  await ann.opensActivity();
  await expect(page).toHaveURL("/audit");
  await expect(ann.entries).toHaveCount(6);
  const [connected, , returned, started, generated] = await ann.entries.allInnerTexts();
  expect(connected).toContain("Account connected");
  expect(connected).toContain(`@${people.studioNora.username}`);
  expect(returned).toContain("They said no at Instagram.");
  expect(started).toContain("Consent text 1 was shown.");
  expect(started).toContain("A client");
  // Where from: the address that this client comes from, and no other.
  expect(started).toMatch(/From 198\.1[89]\.\d+\.\d+/);
  expect(generated).toContain("Studio Nora, autumn");
  expect(generated).toContain(ann.identity.email);
  // U24
  await expect(ann.entries.first().locator("time")).toHaveAttribute("title", /^\d{1,2} [A-Z][a-z]{2} 20\d\d, \d\d:\d\d UTC$/);
  expect(await page.content()).not.toContain(link.split("/").pop()!);

  await ann.filtersActivity({ who: "A client" });
  await expect(ann.entries).toHaveCount(4);
  await ann.filtersActivity({ what: "Account connected" });
  await expect(ann.entries).toHaveCount(1);
  await expect(ann.filterForm.getByLabel("Who", { exact: true })).toHaveValue("client");
  await ann.filtersActivity({ to: "2020-01-31" });
  await expect(ann.entries).toHaveCount(0);
  await expect(ann.main.getByRole("heading", { name: "Nothing fits" })).toBeVisible();
  await ann.filterForm.getByRole("link", { name: "Show everything" }).click();
  await expect(page).toHaveURL("/audit");
  await expect(ann.entries).toHaveCount(6);
});

test("a63 the activity is downloaded as a table, chosen as on the page", async ({ ann, somebody, page }) => {
  await somebody.connects(await ann.sharesLink("=HYPERLINK"), people.studioNora);
  await ann.opensDashboard();
  await ann.opensActivity();
  await ann.filtersActivity({ who: "A client" });
  const downloading = page.waitForEvent("download");
  await ann.main.getByRole("link", { name: "Download as CSV" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/^grantlink-activity-20\d\d-\d\d-\d\d\.csv$/);
  const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\r\n");
  expect(lines[0]).toBe("number,time,who,action,what,about,note,from,hash");
  expect(lines).toHaveLength(3);
  expect(lines[1]).toContain(`"'@${people.studioNora.username}"`);
  expect(lines[2]).toContain("client.started");
});

test("older entries stand on later pages, and every one on one", async ({ ann, page, server }) => {
  const organization_id = await ann.organizationId();
  for (let made = 0; made < 55; made += 1) {
    const answer = await page.request.post("/api/generate_link", {
      form: { description: `Link ${made}`, organization_id },
      headers: { accept: "application/json", origin: server.baseUrl },
    });
    expect(answer.status()).toBe(200);
  }
  await ann.opensActivity();
  await expect(ann.entries).toHaveCount(50);
  await expect(ann.entries.first()).toContainText("Link 54");
  await ann.main.getByRole("link", { name: "Older entries" }).click();
  await expect(ann.entries).toHaveCount(6);
  await expect(ann.entries.first()).toContainText("Link 4");
  await expect(ann.entries.last()).toContainText("Organization created");
  await expect(ann.main.getByRole("link", { name: "Older entries" })).toHaveCount(0);
  await ann.main.getByRole("link", { name: "Newest entries" }).click();
  await expect(ann.entries).toHaveCount(50);
});

test("u18 u20 a filter that cannot be says what to mend, and shows nothing", async ({ ann, page, watch }) => {
  watch.expects(/status of 422/);
  const response = await page.goto("/audit?from=2026-11-27&to=2026-11-26&what=%25");
  expect(response?.status()).toBe(422);
  await expect(page.getByRole("alert")).toContainText("Choose a last day that is not before the first.");
  await expect(ann.filterForm.getByLabel("To", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await expect(ann.filterForm.getByLabel("From", { exact: true })).toHaveValue("2026-11-27");
  await expect(ann.filterForm.getByLabel("What", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await expect(ann.main.getByRole("link", { name: "Download as CSV" })).toHaveCount(0);
});

test("a52 who may not read the activity is shown no way to it, and is refused", async ({ ann, anotherBrowser, watch }) => {
  await ann.opensDashboard();
  await ann.opensMembers();
  const bob = await ann.bringsIn(await anotherBrowser(), "Viewer");
  const places = bob.page.getByRole("navigation").first();
  await expect(places.getByRole("link", { name: "Members" })).toBeVisible();
  await expect(places.getByRole("link", { name: "Activity" })).toHaveCount(0);
  watch.expects(/status of 403/);
  for (const address of ["/audit", "/audit.csv"]) {
    const response = await bob.page.goto(address);
    expect(response?.status(), address).toBe(403);
    await expect(bob.page.getByText("Your role does not allow this")).toBeVisible();
  }
});

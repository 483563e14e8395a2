import { markOf, people } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

test.use({ billing: "manual" });

/** What a client may never read (U10). */
const BILLING = /billing|subscription|\bplan\b|\bpaid\b|payment|upgrade|lapsed|expired/i;

test("s25 s26 a free organization reads what an upgrade would bring, and the server refuses it a link", async ({ ann, page, server }) => {
  await ann.shareButton.click();
  await expect(page.getByRole("heading", { name: "Upgrade to share connect-links" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Generate connect-link" })).toHaveCount(0);

  // Whoever asks past the page is refused as well.
  const answer = await page.request.post("/api/generate_link", {
    form: { description: "past the page", organization_id: await ann.organizationId() },
    headers: { accept: "application/json", origin: server.baseUrl },
  });
  expect(answer.status()).toBe(402);
  await server.subscription(ann.identity.organization, "active");
  await ann.opensDashboard();
  await ann.opensConnectLinks();
  await expect(ann.dialog.getByRole("listitem")).toHaveCount(0);
  await ann.generatesLink("Paid for");
});

test("s27 s28 s31 u10 u21 a lapse stops every link without a word about money, and a renewal brings the same ones back", async ({ ann, newClient, server }) => {
  const { organization } = ann.identity;
  await server.subscription(organization, "active");
  const link = await ann.sharesLink("Steady");
  const client = await newClient();
  await client.connects(link, people.bakeryHuber);

  await server.subscription(organization, "lapsed");
  expect(await client.opensDead(link)).toBe(410);
  await expect(client.page.getByText("This link is not active right now")).toBeVisible();
  await expect(client.page.getByText("Ask the person who sent it to you")).toBeVisible();
  await expect(client.page.locator("body")).not.toContainText(BILLING);
  expect(await client.page.content()).not.toContain(markOf(organization));
  // What is connected stays connected.
  await ann.opensDashboard();
  await ann.seesConnected(people.bakeryHuber);
  // U21
  await ann.opensConnectLinks();
  await expect(ann.link("Steady")).toContainText("Not active right now");
  await expect(ann.link("Steady").getByText("Live", { exact: true })).toHaveCount(0);

  await server.subscription(organization, "active");
  await client.connects(link, people.studioNora);
  await ann.opensDashboard();
  await ann.seesConnected(people.studioNora);
});

test("s27 a lapse while the page is open: the button starts nothing", async ({ ann, newClient, server }) => {
  await server.subscription(ann.identity.organization, "active");
  const client = await newClient();
  await client.opens(await ann.sharesLink());
  await server.subscription(ann.identity.organization, "lapsed");
  await client.continueButton.click();
  await expect(client.page.getByText("This link is not active right now")).toBeVisible();
  await expect(client.page.locator("body")).not.toContainText(BILLING);
});

test("s29 a lapse while the client is at Instagram: refused, nothing stored", async ({ ann, newClient, server }) => {
  await server.subscription(ann.identity.organization, "active");
  const link = await ann.sharesLink();
  const client = await newClient();
  await client.goesToConsent(link, people.studioNora);
  await server.subscription(ann.identity.organization, "lapsed");
  await client.allows();
  await client.readsNotConnected();
  await expect(client.page.locator("body")).not.toContainText(BILLING);
  await ann.seesNoAccount();

  await server.subscription(ann.identity.organization, "active");
  await client.tryAgain.click();
  await client.continuesToInstagram();
  await client.signsInAtInstagram(people.studioNora);
  await client.allows();
  await client.readsConnected(people.studioNora);
});

test("s25 a plan that ends while the dialog is open: the next link is refused with the upgrade prompt", async ({ ann, page, server, watch }) => {
  await server.subscription(ann.identity.organization, "active");
  await ann.opensConnectLinks();
  await ann.generatesLink("Before");
  await server.subscription(ann.identity.organization, "lapsed");
  watch.expects(/status of 402/);
  await ann.dialog.getByRole("textbox", { name: "Description" }).fill("After");
  await ann.dialog.getByRole("button", { name: "Generate connect-link" }).click();
  await expect(page.getByRole("heading", { name: "Upgrade to share connect-links" })).toBeVisible();
  await expect(page.getByText("After", { exact: true })).toHaveCount(0);
});

test("one organization's subscription is no other's", async ({ ann, newMemberNamed, newClient, server }) => {
  const bob = await newMemberNamed("Northwind");
  await server.subscription(ann.identity.organization, "active");
  await server.subscription(bob.identity.organization, "active");
  const link = await ann.sharesLink();
  await server.subscription(bob.identity.organization, "lapsed");
  await (await newClient()).opens(link);
});

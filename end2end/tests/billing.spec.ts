import Stripe from "stripe";
import { Payments, WEBHOOK_SECRET } from "../fixtures/payments";
import { people } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

test.use({ billing: "sandbox" });

/** What a client may never read (U10). */
const BILLING = /billing|subscription|\bplan\b|\bpaid\b|payment|upgrade|lapsed|expired/i;

const stripe = new Stripe("sk_test_of_these_tests");

test("s25 s26 from the upgrade prompt through the checkout to a link that works", async ({ ann, page, somebody, anotherBrowser }) => {
  const payments = new Payments(ann, await anotherBrowser());
  await ann.shareButton.click();
  await expect(page.getByRole("heading", { name: "Upgrade to share connect-links" })).toBeVisible();
  await page.getByRole("link", { name: "See the plans" }).click();
  await payments.seesPlan("Free");

  // Who turns back at the checkout has paid nothing.
  await payments.goesToCheckout("Studio");
  await page.getByRole("button", { name: "Back without paying" }).click();
  await payments.seesPlan("Free");

  await payments.pays("Studio");
  await ann.opensDashboard();
  const link = await ann.generatesLink("Paid for");
  await somebody.connects(link, people.studioNora);
  await ann.opensDashboard();
  await ann.seesConnected(people.studioNora);
});

test("s26 s27 s28 s29 a payment fails, has its grace, lapses, and is made good: the same link again", async ({ ann, page, newClient, anotherBrowser }) => {
  const payments = new Payments(ann, await anotherBrowser());
  await payments.opensPlans();
  await payments.pays("Studio");
  await ann.opensDashboard();
  const link = await ann.sharesLink("Steady");
  const client = await newClient();

  await payments.happens("A payment fails");
  await client.opens(link);
  await payments.opensPlans();
  await expect(page.getByText("A payment failed. Everything goes on until")).toBeVisible();

  await payments.happens("All tries fail");
  expect(await client.opensDead(link)).toBe(410);
  await expect(client.page.locator("body")).not.toContainText(BILLING);
  await payments.opensPlans();
  await expect(page.getByText("Your subscription has ended")).toBeVisible();

  await payments.opensPortal();
  await payments.presses("Pay with another card");
  await payments.comesBack();
  await payments.seesPlan("Studio");
  await client.connects(link, people.bakeryHuber);

  // A lapse while the client is at Instagram.
  await client.goesToConsent(link, people.studioNora);
  await payments.happens("End the subscription");
  await client.allows();
  await client.readsNotConnected();
  await expect(client.page.locator("body")).not.toContainText(BILLING);

  // Ended for good, it is bought anew, and the link is the same.
  await payments.opensPlans();
  await payments.seesPlan("Free");
  await payments.pays("Agency");
  await client.connects(link, people.studioNora);
});

test("a36 webhooks that are held back, turned round and sent twice come to what holds now", async ({ ann, newClient, anotherBrowser }) => {
  const payments = new Payments(ann, await anotherBrowser());
  await payments.opensPlans();
  await payments.pays("Studio");
  await ann.opensDashboard();
  const link = await ann.sharesLink();
  await payments.webhooks("Hold webhooks back");
  try {
    await payments.happens("A payment fails");
    await payments.happens("All tries fail");
    await payments.happens("A payment goes through");
  } finally {
    await payments.webhooks("Send them now, the newest first");
  }
  await payments.webhooks("Send the last one again");
  await payments.opensPlans();
  await payments.seesPlan("Studio");
  await (await newClient()).opens(link);
});

test("a36 signatures are those of Stripe's own library, both ways", async ({ ann, anotherBrowser, server }) => {
  const deliver = async (payload: string, signature: string): Promise<number> => {
    const headers = { "content-type": "application/json", "stripe-signature": signature };
    return (await fetch(`${server.baseUrl}/stripe/webhook`, { method: "POST", headers, body: payload })).status;
  };
  const signed = (payload: string, secret: string, age = 0): string =>
    stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: Math.floor(Date.now() / 1000) - age });
  const payload = JSON.stringify({ id: "evt_1", object: "event", type: "ping", data: { object: { text: "grün" } } }, null, 2);

  expect(await deliver(payload, signed(payload, WEBHOOK_SECRET))).toBe(200);
  expect(await deliver(payload, signed(payload, WEBHOOK_SECRET, 290))).toBe(200);
  expect(await deliver(payload, signed(payload, WEBHOOK_SECRET, 310))).toBe(400);
  expect(await deliver(payload, signed(payload, WEBHOOK_SECRET, -310))).toBe(400);
  expect(await deliver(payload, signed(payload, "whsec_another"))).toBe(400);
  expect(await deliver(`${payload} `, signed(payload, WEBHOOK_SECRET))).toBe(400);
  expect(await deliver(payload, "")).toBe(400);

  // And what the stand-in signs, that library believes.
  const payments = new Payments(ann, await anotherBrowser());
  await payments.opensPlans();
  await payments.pays("Studio");
  const last = await fetch(`${server.payments}/sandbox/last-webhook`);
  const event = stripe.webhooks.constructEvent(await last.text(), last.headers.get("stripe-signature")!, WEBHOOK_SECRET);
  expect(event.id).toMatch(/^evt_/);
});

test("an owner changes the plan and cancels where the bills are", async ({ ann, page, anotherBrowser }) => {
  const payments = new Payments(ann, await anotherBrowser());
  await payments.opensPlans();
  await payments.pays("Studio");
  await payments.opensPortal();
  await payments.presses("Change to Agency");
  await payments.comesBack();
  await payments.seesPlan("Agency");
  await payments.opensPortal();
  await payments.presses("Cancel at the end of the month");
  await payments.comesBack();
  await payments.seesPlan("Agency");
  await expect(page.getByText("It ends on")).toBeVisible();
  await payments.opensPortal();
  await payments.presses("Cancel now");
  await payments.comesBack();
  await payments.seesPlan("Free");
});

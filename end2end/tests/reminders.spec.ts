import type { Locator, Page } from "@playwright/test";
import { hydrated } from "../fixtures/actions";
import { reachReminder, stopAddress } from "../fixtures/states";
import { expect, test } from "../fixtures/test";

/** On or off, in the word that the page of a reminder shows. */
function state(page: Page): Locator {
  return page.getByRole("main").locator(".badge");
}

test("u27 u29 a reminder leads to a page that changes nothing until its button is pressed, and turns them on again", async ({ ann, newClient, server, somebody, watch }) => {
  const mail = await reachReminder({ ann, newClient, server, somebody, watch });
  const address = stopAddress(mail);
  expect(address).toMatch(new RegExp(`^${server.baseUrl}/reminders/[A-Za-z0-9_-]{100,}$`));
  watch.keepsSecret("the token of a reminder", address.split("/").pop()!);
  expect(mail.headers.get("list-unsubscribe-post")).toBe("List-Unsubscribe=One-Click");
  expect(mail.text).toContain(`Stop these reminders:\r\n${address}`);
  expect(mail.html).toContain(`href="${address}"`);
  // The mail before it is none.
  const [first] = await server.mailsTo(ann.identity.email);
  expect(first!.headers.has("list-unsubscribe")).toBe(false);
  expect(first!.text + first!.html).not.toContain("/reminders/");

  // Whoever reads the mail need not be signed in.
  const { page, heading, scripts } = await newClient();
  for (let look = 0; look < 2; look += 1) {
    const response = await page.goto(address);
    expect(response?.status()).toBe(200);
    expect(response?.headers()["x-robots-tag"]).toContain("noindex");
    expect(response?.headers()["cache-control"]).toContain("no-store");
    await hydrated(page, scripts);
    await expect(heading).toHaveText(`Reminders for ${ann.identity.organization}`);
    await expect(state(page)).toHaveText("On");
  }
  expect(await page.content()).not.toContain(ann.identity.email);

  await page.getByRole("button", { name: "Stop these reminders" }).click();
  await expect(state(page)).toHaveText("Off");
  await expect(page).toHaveURL(address);
  // It may be loaded again: the form is not sent a second time.
  await page.reload();
  await expect(state(page)).toHaveText("Off");
  await hydrated(page, scripts);

  await page.getByRole("button", { name: "Turn reminders on again" }).click();
  await expect(state(page)).toHaveText("On");
  await expect(page).toHaveURL(address);
});

test("u27 u29 one press in a mail program stops reminders, and the page says so", async ({ ann, newClient, server, somebody, watch }) => {
  const address = stopAddress(await reachReminder({ ann, newClient, server, somebody, watch }));
  const { page } = await newClient();
  const press = { "List-Unsubscribe": "One-Click" };
  // Mail programs may send it as a form of either kind.
  for (const send of [
    () => page.request.post(address, { form: press, maxRedirects: 0 }),
    () => page.request.post(address, { multipart: press, maxRedirects: 0 }),
  ]) {
    const answer = await send();
    expect(answer.status()).toBe(200);
    expect(answer.headers()["set-cookie"]).toBeUndefined();
    await page.goto(address);
    await expect(state(page)).toHaveText("Off");
    await page.getByRole("button", { name: "Turn reminders on again" }).click();
    await expect(state(page)).toHaveText("On");
  }
});

test("u27 an address that stands in no reminder says so, and nothing else", async ({ newClient }) => {
  const { page, heading } = await newClient();
  for (const token of ["x", "A".repeat(147)]) {
    const response = await page.goto(`/reminders/${token}`);
    expect(response?.status(), token).toBe(404);
    await expect(heading).toHaveText("There are no such reminders");
    const answer = await page.request.post(`/reminders/${token}`, { form: { "List-Unsubscribe": "One-Click" }, maxRedirects: 0 });
    expect(answer.status(), token).toBe(404);
  }
});

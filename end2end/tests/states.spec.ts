import { clientStates, memberStates, type State } from "../fixtures/states";
import { expect, test } from "../fixtures/test";

for (const [side, states] of [
  ["client", clientStates],
  ["member", memberStates],
] as [string, State[]][]) {
  test(`u18 every state of the ${side}'s side has a title of its own, one h1 and a language`, async ({ server, watch, newMemberNamed, newClient }) => {
    // It walks through every state; on a busy machine that takes minutes.
    test.setTimeout(300_000);
    const titles = new Map<string, string>();
    for (const state of states) {
      await test.step(state.name, async () => {
        await server.sandbox.heal();
        const ann = await newMemberNamed();
        const page = await state.reach({ server, watch, ann, newClient });
        await expect(page.getByRole("heading", { level: 1 }), state.name).toHaveCount(1);
        await expect(page.getByRole("main"), state.name).toHaveCount(1);
        await expect(page.locator("html"), state.name).toHaveAttribute("lang", /^[a-z]{2}/);
        const title = await page.title();
        expect(title, state.name).not.toBe("");
        expect(titles.get(title), `${state.name} is called "${title}" like another state`).toBeUndefined();
        titles.set(title, state.name);
        await page.context().close();
        if (page !== ann.page) await ann.page.context().close();
      });
    }
  });
}

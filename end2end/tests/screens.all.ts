import { clientStates, clientVariants, memberStates, memberVariants } from "../fixtures/states";
import { look } from "../fixtures/looks";
import { test } from "../fixtures/test";

for (const state of [...clientStates, ...clientVariants, ...memberStates, ...memberVariants]) {
  test(`u15 u19 ${state.name}`, async ({ server, watch, ann, newClient }) => {
    await look(await state.reach({ server, watch, ann, newClient }), state.name);
  });
}

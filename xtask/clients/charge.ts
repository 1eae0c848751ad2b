// One charge through the generated TypeScript types: made, repeated, refused and looked at.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

declare const process: { env: Record<string, string | undefined> };

const baseUrl = process.env.TOLLGATE_URL ?? "";
const headers = { Authorization: `Bearer ${process.env.TOLLGATE_KEY}`, "Tollgate-Version": "2026-11-25" };
const tollgate = createClient<paths>({ baseUrl, headers });

function must(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}

const body = { payee_id: "Test123", amount: "1.20", currency: "USD", description: "From TypeScript" };
const key = { "Idempotency-Key": "typescript-1" };
const made = await tollgate.POST("/v1/charges", { params: { header: key }, body });
must(made.response.status === 201 && made.data?.status === "succeeded", JSON.stringify(made.error ?? made.data));

const again = await tollgate.POST("/v1/charges", { params: { header: key }, body });
must(again.response.status === 200 && again.data?.id === made.data?.id, "the same request twice is one charge");

const wrong = { ...body, amount: "1.234" };
const refused = await tollgate.POST("/v1/charges", { params: { header: { "Idempotency-Key": "typescript-2" } }, body: wrong });
must(refused.error?.field === "amount" && refused.error.outcome === "none", "a refusal names the field");

const seen = await tollgate.GET("/v1/charges/{id}", { params: { path: { id: made.data?.id ?? "" } } });
must(seen.data?.attempts[0]?.status === "succeeded", "the charge shows its attempt");
console.log(`charged ${seen.data?.amount} ${seen.data?.currency}: ${seen.data?.id}`);

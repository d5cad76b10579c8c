// Posts a message as Supabase's Send SMS hook does, signed with the convention's own library:
// node supabase_hook.mjs ADDRESS SECRET BODY [ID TIMESTAMP]. Prints the answer.
import { Webhook } from "standardwebhooks";

const [address, secret, body, id = crypto.randomUUID(), seconds = Math.floor(Date.now() / 1000)] = process.argv.slice(2);
const signature = new Webhook(secret.replace(/^v1,/, "")).sign(id, new Date(Number(seconds) * 1000), body);
const answer = await fetch(address, {
  method: "POST",
  body,
  headers: {
    "Content-Type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": signature,
  },
});
console.log(JSON.stringify({ status: answer.status, ...(await answer.json()) }));

// Checks a receipt with jose, as an application would: node receipt.mjs RECEIPT ISSUER SERVICE. Prints its claims.
import { createRemoteJWKSet, jwtVerify } from "jose";

const [receipt, issuer, audience] = process.argv.slice(2);
const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", issuer));
try {
  const { payload } = await jwtVerify(receipt, keys, { issuer, audience, algorithms: ["ES256"] });
  console.log(JSON.stringify(payload));
} catch (problem) {
  console.log(JSON.stringify({ refused: problem.code }));
}

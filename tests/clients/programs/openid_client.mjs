// A shop that logs people in with openid-client, and asks for more where a change is risky.
import express from "express";
import * as client from "openid-client";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT } = process.env;
const address = `http://localhost:${PORT}`;
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, {
  execute: [client.allowInsecureRequests], // the tests have no certificate
});
const app = express();
const logins = new Map(); // by state: what the answer is checked against

app.get("/ready", (request, response) => response.send("ready"));

app.get("/login", async (request, response) => {
  const verifier = client.randomPKCECodeVerifier();
  const [state, nonce] = [client.randomState(), client.randomNonce()];
  const parameters = {
    redirect_uri: `${address}/callback`,
    scope: "openid phone",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    ...(request.query.action && { acr_values: request.query.action }),
  };
  const action = request.query.action;
  logins.set(state, { verifier, nonce, action });
  // A request that names an action goes to the server first.
  const to = action
    ? await client.buildAuthorizationUrlWithPAR(config, parameters)
    : client.buildAuthorizationUrl(config, parameters);
  response.redirect(to.href);
});

app.get("/callback", async (request, response) => {
  const login = logins.get(request.query.state);
  logins.delete(request.query.state);
  try {
    const tokens = await client.authorizationCodeGrant(config, new URL(request.url, address), {
      pkceCodeVerifier: login.verifier,
      expectedState: request.query.state,
      expectedNonce: login.nonce,
    });
    const claims = tokens.claims();
    if (login.action && claims.acr !== login.action) throw new Error("another action");
    const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    response.type("text").send(`${claims.acr} ${claims.amr.join("+")} ${info.phone_number}`);
  } catch (problem) {
    response.status(403).type("text").send(`refused: ${problem.error ?? problem.message}`);
  }
});

app.listen(Number(PORT), "localhost");

// Does with Twilio's own library what each line of standard input asks for, and answers each with a line.
"use strict";

const readline = require("readline");
const twilio = require("twilio");

const { SAYCODE_ADDRESS, SAYCODE_KEY, SAYCODE_SECRET, SAYCODE_SERVICE } = process.env;
const client = twilio(SAYCODE_KEY, SAYCODE_SECRET, { accountSid: "AC" + "0".repeat(32) });
client.verify.baseUrl = SAYCODE_ADDRESS;
const verify = client.verify.v2;
const service = verify.services(SAYCODE_SERVICE);

const asked = {
  create: (it) => service.verifications.create(it),
  fetch: (it) => service.verifications(it.sid).fetch(),
  update: (it) => service.verifications(it.sid).update({ status: it.status }),
  check: (it) => service.verificationChecks.create(it),
  service: () => service.fetch(),
  rename: (it) => service.update(it),
  services: () => verify.services.list({ limit: 10 }),
  attempt: (it) => verify.verificationAttempts(it.sid).fetch(),
  attempts: (it) => verify.verificationAttempts.list(it),
  summary: () => verify.verificationAttemptsSummary().fetch(),
};

async function answer(line) {
  const [what, it] = JSON.parse(line);
  try {
    return { done: await asked[what](it) };
  } catch (problem) {
    const { status, code, message, moreInfo } = problem;
    return { failed: { status, code, message, moreInfo } };
  }
}

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
  process.stdout.write(JSON.stringify(await answer(line)) + "\n");
});

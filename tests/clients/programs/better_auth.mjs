// An application with better-auth's phone number plugin, which makes and checks the codes; Saycode calls.
// node better_auth.mjs NUMBER: sends a code, and checks each line of its input. Prints what became of each.
import { createInterface } from "node:readline";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { phoneNumber } from "better-auth/plugins";
import twilio from "twilio";

const { VERIFY_KEY, VERIFY_SECRET, VERIFY_SERVICE, ADDRESS_OF_SAYCODE, AUTH_SECRET } = process.env;
const client = twilio(VERIFY_KEY, VERIFY_SECRET, { accountSid: "AC" + "0".repeat(32) });
client.verify.baseUrl = ADDRESS_OF_SAYCODE;
const { verifications } = client.verify.v2.services(VERIFY_SERVICE);

const auth = betterAuth({
  baseURL: "http://127.0.0.1:3000",
  secret: AUTH_SECRET,
  database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
  plugins: [
    phoneNumber({
      sendOTP: ({ phoneNumber, code }) => verifications.create({ to: phoneNumber, channel: "call", customCode: code }),
      callbackOnVerification: ({ phoneNumber }) => verifications(phoneNumber).update({ status: "approved" }),
      signUpOnVerification: { getTempEmail: (number) => `${number.slice(1)}@shop.example` },
    }),
  ],
});

const [number] = process.argv.slice(2);
await auth.api.sendPhoneNumberOTP({ body: { phoneNumber: number } });
console.log("sent");
for await (const code of createInterface({ input: process.stdin })) {
  try {
    const { user } = await auth.api.verifyPhoneNumber({ body: { phoneNumber: number, code } });
    console.log(user.phoneNumberVerified ? "verified" : "not verified");
  } catch (refused) {
    console.log(refused.body?.code ?? String(refused));
  }
}

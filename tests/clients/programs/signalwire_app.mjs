// A shop's webhooks in Express, checked with SignalWire's own middleware; and its validator, for requests as JSON.
import { RestClient } from "@signalwire/compatibility-api";
import express from "express";

const key = process.env.SIGNING_KEY;
const app = express();
const seen = [];

app.get("/seen", (request, response) => response.json(seen));

app.post("/validate", express.json(), (request, response) => {
  const { header, url, fields } = request.body;
  response.json(RestClient.validateRequest(key, header, url, fields));
});

// From here on only what SignalWire signed.
app.use(express.urlencoded({ extended: false }), RestClient.webhook(key));

app.post("/voice", (request, response) => {
  const document = new RestClient.LaML.VoiceResponse();
  const gather = document.gather({ numDigits: 1, action: "/choice" });
  gather.say({ voice: "gcloud.en-GB-Wavenet-A" }, `Welcome to ${request.query.shop}. For our opening hours, press 1.`);
  document.say("Goodbye.");
  response.type("text/xml").send(document.toString());
});

app.post("/choice", (request, response) => {
  const document = new RestClient.LaML.VoiceResponse();
  document.say(request.body.Digits === "1" ? "We open at nine." : "Goodbye.");
  response.type("text/xml").send(document.toString());
});

app.post("/sms", (request, response) => {
  const document = new RestClient.LaML.MessagingResponse();
  document.message(`You wrote: ${request.body.Body}`);
  response.type("text/xml").send(document.toString());
});

app.post("/status", (request, response) => {
  seen.push(request.body.CallStatus);
  response.sendStatus(204);
});

app.listen(Number(process.env.PORT), "127.0.0.1");

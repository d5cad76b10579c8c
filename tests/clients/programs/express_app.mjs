// A shop's webhooks in Express, checked with Twilio's own middleware; and events, with standardwebhooks.
import express from "express";
import { Webhook } from "standardwebhooks";
import twilio from "twilio";

const app = express();
const seen = [];

app.post("/events", express.text({ type: "application/json" }), (request, response) => {
  let event;
  try {
    event = new Webhook(process.env.EVENTS_SECRET).verify(request.body, request.headers);
  } catch {
    return response.sendStatus(400);
  }
  seen.push(event.type);
  return response.sendStatus(204);
});

app.get("/seen", (request, response) => response.json(seen));

// From here on only what Twilio signed, by TWILIO_AUTH_TOKEN.
app.use(express.urlencoded({ extended: false }), twilio.webhook());

app.post("/voice", (request, response) => {
  const document = new twilio.twiml.VoiceResponse();
  const gather = document.gather({ numDigits: 1, action: "/choice" });
  gather.say(`Welcome to ${request.query.shop}. For our opening hours, press 1.`);
  document.say("Goodbye.");
  response.type("text/xml").send(document.toString());
});

app.post("/choice", (request, response) => {
  const document = new twilio.twiml.VoiceResponse();
  document.say(request.body.Digits === "1" ? "We open at nine." : "Goodbye.");
  response.type("text/xml").send(document.toString());
});

app.post("/sms", (request, response) => {
  const document = new twilio.twiml.MessagingResponse();
  document.message(`You wrote: ${request.body.Body}`);
  response.type("text/xml").send(document.toString());
});

app.post("/status", (request, response) => {
  seen.push(request.body.CallStatus);
  response.sendStatus(204);
});

app.listen(Number(process.env.PORT), "127.0.0.1");

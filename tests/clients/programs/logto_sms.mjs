// Sends a code with Logto's HTTP SMS connector, as Logto does: node logto_sms.mjs ENDPOINT AUTHORIZATION NUMBER CODE.
import createConnector from "@logto/connector-http-sms";

const [endpoint, authorization, to, code] = process.argv.slice(2);
const connector = await createConnector({ getConfig: async () => ({ endpoint, authorization }) });
try {
  const { statusCode, body } = await connector.sendMessage({ to, type: "SignIn", payload: { code, locale: "de" } });
  console.log(JSON.stringify({ status: statusCode, ...JSON.parse(body) }));
} catch (problem) {
  console.log(JSON.stringify({ refused: problem.code }));
}

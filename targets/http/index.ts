export { apiUrl, without } from "./apiUrl";
export { type Api, type Call, callApi, type Refusal, urlOf } from "./call";
export { type Answer, exchange, type Silence } from "./exchange";
export { left } from "./left";
export { allPages } from "./pages";
export { parsed, type Problem, readJson, said } from "./readJson";
export { pause, type Patience, repeat, retryAfterMs, type Try } from "./repeat";
export { defaultHttpTiming, type HttpTiming, type RetryTiming } from "./timing";
export { atMost, inTurn } from "./turns";

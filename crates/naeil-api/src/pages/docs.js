"use strict";

// Shows the API and, above it, whether the server's data are simulated. Everything is asked of this
// server; the page's Content-Security-Policy allows nothing else.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
});

const say = (text) => {
  const notice = document.getElementById("naeil-notice");
  notice.textContent = text;
  notice.hidden = false;
};

fetch("/api/v1/ai/model/info")
  .then((reply) => reply.json())
  .then((info) => {
    if (info.code === "no_model") {
      say("No model answers yet.");
    } else if (info.data_origin && info.data_origin !== "recorded") {
      say("Simulated data: the prices behind these predictions come from a market simulator.");
    }
  })
  .catch(() => say("The server does not say what its data are."));

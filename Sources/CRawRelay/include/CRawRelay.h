#ifndef HDM_CRAWRELAY_H
#define HDM_CRAWRELAY_H

// The ceiling of the pipeline benchmark: one stage as a bare loop over librabbitmq, with the messages of a real stage
// (a started event, the job for the next stage, a completed event) and nothing else: no decoding, no threads.

typedef struct {
  const char *host;
  int port;
  const char *vhost;
  const char *user;
  const char *password;
  const char *queue;
  // The key of the next stage's jobs; NULL after the last stage.
  const char *next_key;
  const char *started_key;
  const char *completed_key;
  int prefetch;
} hdm_raw_stage;

// Runs until the connection ends. Returns a short text that says why.
const char *hdm_raw_relay(const hdm_raw_stage *stage);

#endif

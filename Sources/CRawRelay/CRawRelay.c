#include "CRawRelay.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <stdint.h>
#include <string.h>

enum { CONSUME = 1, PUBLISH = 2, WINDOW = 1 << 16 };

typedef struct {
  uint64_t delivery_tag;
  int confirms_left;
} job_slot;

typedef struct {
  amqp_connection_state_t connection;
  const hdm_raw_stage *stage;
  // The job that a publish belongs to, by sequence number.
  uint32_t owner[WINDOW];
  job_slot jobs[WINDOW];
  uint32_t next_job;
  uint64_t next_sequence;
  uint64_t lowest_unconfirmed;
  char confirmed[WINDOW];
} relay;

static int publish(relay *r, const char *exchange, const char *key, amqp_basic_properties_t *properties,
                   amqp_bytes_t body, uint32_t job) {
  r->owner[r->next_sequence % WINDOW] = job;
  r->confirmed[r->next_sequence % WINDOW] = 0;
  r->next_sequence++;
  return amqp_basic_publish(r->connection, PUBLISH, amqp_cstring_bytes(exchange), amqp_cstring_bytes(key), 1, 0,
                            properties, body);
}

static int work(relay *r, uint64_t delivery_tag) {
  amqp_message_t message;
  amqp_rpc_reply_t reply = amqp_read_message(r->connection, CONSUME, &message, 0);
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) return -1;
  uint32_t job = r->next_job++ % WINDOW;
  r->jobs[job].delivery_tag = delivery_tag;
  r->jobs[job].confirms_left = r->stage->next_key ? 3 : 2;
  int status = publish(r, "hdm.events", r->stage->started_key, &message.properties, message.body, job);
  if (status == 0 && r->stage->next_key)
    status = publish(r, "hdm.jobs", r->stage->next_key, &message.properties, message.body, job);
  if (status == 0)
    status = publish(r, "hdm.events", r->stage->completed_key, &message.properties, message.body, job);
  amqp_destroy_message(&message);
  return status;
}

static int confirm_one(relay *r, uint64_t sequence) {
  if (r->confirmed[sequence % WINDOW]) return 0;
  r->confirmed[sequence % WINDOW] = 1;
  job_slot *job = &r->jobs[r->owner[sequence % WINDOW]];
  if (--job->confirms_left > 0) return 0;
  return amqp_basic_ack(r->connection, CONSUME, job->delivery_tag, 0);
}

static int confirm(relay *r, uint64_t sequence, int multiple) {
  int status = 0;
  if (!multiple) return confirm_one(r, sequence);
  while (status == 0 && r->lowest_unconfirmed <= sequence) status = confirm_one(r, r->lowest_unconfirmed++);
  return status;
}

static const char *loop(relay *r) {
  for (;;) {
    amqp_frame_t frame;
    amqp_maybe_release_buffers(r->connection);
    int status = amqp_simple_wait_frame(r->connection, &frame);
    if (status != AMQP_STATUS_OK) return amqp_error_string2(status);
    if (frame.frame_type != AMQP_FRAME_METHOD) continue;
    switch (frame.payload.method.id) {
      case AMQP_BASIC_DELIVER_METHOD:
        status = work(r, ((amqp_basic_deliver_t *)frame.payload.method.decoded)->delivery_tag);
        break;
      case AMQP_BASIC_ACK_METHOD: {
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        status = confirm(r, ack->delivery_tag, ack->multiple);
        break;
      }
      default:
        return "the broker said something else";
    }
    if (status != 0) return amqp_error_string2(status);
  }
}

static const char *open_connection(relay *r) {
  const hdm_raw_stage *s = r->stage;
  amqp_socket_t *socket = amqp_tcp_socket_new(r->connection);
  if (!socket || amqp_socket_open(socket, s->host, s->port)) return "no connection";
  amqp_rpc_reply_t reply = amqp_login(r->connection, s->vhost, 0, 131072, 10, AMQP_SASL_METHOD_PLAIN, s->user, s->password);
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) return "login refused";
  amqp_channel_open(r->connection, CONSUME);
  amqp_channel_open(r->connection, PUBLISH);
  amqp_confirm_select(r->connection, PUBLISH);
  amqp_basic_qos(r->connection, CONSUME, 0, (uint16_t)s->prefetch, 0);
  amqp_basic_consume(r->connection, CONSUME, amqp_cstring_bytes(s->queue), amqp_empty_bytes, 0, 0, 0,
                     amqp_empty_table);
  if (amqp_get_rpc_reply(r->connection).reply_type != AMQP_RESPONSE_NORMAL) return "the queue cannot be consumed";
  return NULL;
}

const char *hdm_raw_relay(const hdm_raw_stage *stage) {
  // Static: large, and one process runs one stage.
  static relay r;
  memset(&r, 0, sizeof r);
  r.stage = stage;
  r.next_sequence = 1;
  r.lowest_unconfirmed = 1;
  r.connection = amqp_new_connection();
  const char *problem = open_connection(&r);
  if (!problem) problem = loop(&r);
  amqp_destroy_connection(r.connection);
  return problem;
}

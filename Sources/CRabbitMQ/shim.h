#ifndef HDM_CRABBITMQ_SHIM_H
#define HDM_CRABBITMQ_SHIM_H

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

// Swift does not import macros with casts, so the method numbers are repeated as constants.
static const uint32_t hdm_basic_ack = AMQP_BASIC_ACK_METHOD;
static const uint32_t hdm_basic_nack = AMQP_BASIC_NACK_METHOD;
static const uint32_t hdm_basic_return = AMQP_BASIC_RETURN_METHOD;
static const uint32_t hdm_basic_deliver = AMQP_BASIC_DELIVER_METHOD;
static const uint32_t hdm_basic_cancel = AMQP_BASIC_CANCEL_METHOD;
static const uint32_t hdm_basic_get_ok = AMQP_BASIC_GET_OK_METHOD;
static const uint32_t hdm_channel_close = AMQP_CHANNEL_CLOSE_METHOD;
static const uint32_t hdm_channel_close_ok = AMQP_CHANNEL_CLOSE_OK_METHOD;
static const uint32_t hdm_connection_close = AMQP_CONNECTION_CLOSE_METHOD;
static const uint32_t hdm_connection_blocked = AMQP_CONNECTION_BLOCKED_METHOD;
static const uint32_t hdm_connection_unblocked = AMQP_CONNECTION_UNBLOCKED_METHOD;

// Swift cannot call variadic C functions.
static inline amqp_rpc_reply_t hdm_login_plain(
    amqp_connection_state_t state, const char *vhost, int channel_max, int frame_max, int heartbeat,
    const amqp_table_t *properties, const char *user, const char *password) {
  return amqp_login_with_properties(
      state, vhost, channel_max, frame_max, heartbeat, properties, AMQP_SASL_METHOD_PLAIN, user, password);
}

#endif

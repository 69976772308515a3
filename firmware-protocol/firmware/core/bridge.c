#include "bridge.h"

#include "bytes.h"
#include "frame-decoder.h"
#include "frame-sender.h"
#include "hello.h"
#include "line-rate.h"
#include "port.h"
#include "result-buffer.h"
#include "result.h"
#include "serprog.h"
#include "status.h"
#include "step-buffer.h"
#include "step-runner.h"

#define WATCH_EVERY_US 250u
#define PART_WAITS_US 20000u
#define SILENCE_US 3000000u
/* Results wait so long for company before they leave in a frame that is not full. */
#define GATHER_US 4000u
/* A serprog command that stays incomplete. */
#define COMMAND_WAITS_US 2000000u
/* Most of a PING that is given back. */
#define ECHO_BYTES 32
/* Looks at the line in one pass: three take in a frame. */
#define MOST_READS 6
#define LEAST_FRAME_UNITS (FRAME_MIN_UNITS + 1)

/* Answers that wait for the line; each at most once, the newest. */
enum answer {
  ANSWER_WELCOME = 1 << 0,
  ANSWER_BAUD_READY = 1 << 1,
  ANSWER_NO_SESSION = 1 << 2,
  ANSWER_BYE_DONE = 1 << 3,
  ANSWER_UNKNOWN_TYPE = 1 << 4
};

/* Bytes between frames while a session lives: a serprog host may have come. */
enum stray { STRAY_NONE, STRAY_SERPROG, STRAY_NOISE };

static struct hello session;
static bool has_session;
static bool has_had_data;
static uint8_t host_frame_units;
static uint32_t heard_us;
static uint32_t last_byte_us;
static uint32_t watched_us;

static uint8_t answers;
/* The HELLO that WELCOME answers; not the session's if no version is common. */
static struct hello greeted;
static uint16_t baud_tag;
static uint32_t ready_baud;
static uint16_t stranger_tag;
static uint8_t bye_session;
static uint16_t bye_tag;
static uint16_t unknown_tag;
static uint8_t unknown_type;

static uint8_t stray;
static bool stray_wants_sync;

/* --- a session's beginning and end --- */

static void reset_session(void) {
  runner_stop();
  sender_drop_results();
  serprog_reset();
  answers = 0;
  stray = STRAY_NONE;
}

static void end_session(void) {
  if (!has_session) return;
  has_session = false;
  reset_session();
  port_drive(false);
}

static void begin_session(const struct hello *hello, uint32_t now_us) {
  reset_session();
  session = *hello;
  has_session = true;
  has_had_data = false;
  host_frame_units = hello->max_frame_units;
  heard_us = now_us;
  status_reset(now_us);
  port_drive(true);
}

static bool has_steps(void) { return step_buffer_available() > 0 || runner_is_busy(); }

static bool has_duties(void) { return has_steps() || result_buffer_held() > 0; }

/* --- frames in --- */

static void begin_answer(uint8_t type, uint8_t number, uint16_t tag, uint16_t count) {
  bool is_ours = has_session && number == session.session;
  if (is_ours) status_sent_other();
  sender_begin(type, number, tag, is_ours ? (uint16_t)step_buffer_received() : 0, count);
}

static void take_hello(const struct frame *frame, uint32_t now_us) {
  struct hello hello;
  bool is_repeated;
  if (!hello_read(&hello, frame)) return;
  is_repeated = has_session && !has_had_data && hello.session == session.session && hello.nonce == session.nonce;
  if (hello_version(&hello) != 0 && !is_repeated) begin_session(&hello, now_us);
  greeted = hello;
  answers |= ANSWER_WELCOME;
}

static void answer_stranger(const struct frame *frame) {
  if (frame->type == FRAME_BYE && !has_session) {
    bye_session = frame->session;
    bye_tag = frame->offset;
    answers |= ANSWER_BYE_DONE;
  } else {
    stranger_tag = frame->offset;
    answers |= ANSWER_NO_SESSION;
  }
}

static void take_data(const struct frame *frame, uint32_t now_us) {
  enum placement placement;
  has_had_data = true;
  if (frame->payload_bytes == 0) return;
  placement = step_buffer_place(frame->offset, frame->payload, frame->payload_bytes);
  if (placement == PLACED_KNOWN) {
    status_answer();
  } else if (placement != PLACED_NEW || step_buffer_stretch_count() > 0) {
    status_damaged(now_us);
  }
  status_moved(now_us);
}

static void take_status(const struct frame *frame, uint32_t now_us) {
  struct status status;
  if (!status_read(&status, frame->payload, frame->payload_bytes)) {
    result_buffer_acknowledge(frame->ack, 0, 0, now_us);
    return;
  }
  if (status.max_frame_units >= LEAST_FRAME_UNITS) {
    host_frame_units = status.max_frame_units > FRAME_MAX_UNITS ? FRAME_MAX_UNITS : status.max_frame_units;
  }
  if (status.shift != 0) sender_align((uint8_t)(FRAME_UNIT_BYTES - status.shift));
  if (status.sends_again && status.stretch_count == 0) result_buffer_send_again(now_us);
  result_buffer_acknowledge(frame->ack, status.stretches, status.stretch_count, now_us);
}

/* Answered at once or not at all: there is no room to keep its content, and the host asks again. */
static void take_ping(const struct frame *frame) {
  uint16_t count = frame->payload_bytes < ECHO_BYTES ? frame->payload_bytes : ECHO_BYTES;
  if (!sender_is_idle() || line_rate_waits_for_line()) return;
  bytes_copy(sender_payload(), frame->payload, count);
  begin_answer(FRAME_PONG, session.session, frame->offset, count);
}

static void take_baud(const struct frame *frame) {
  baud_tag = frame->offset;
  ready_baud = 0;
  if (frame->payload_bytes >= 4 && !has_steps() && port_max_baud() > 0) {
    ready_baud = port_possible_baud(bytes_u32(frame->payload));
  }
  answers |= ANSWER_BAUD_READY;
}

static void take_bye(const struct frame *frame) {
  bye_session = frame->session;
  bye_tag = frame->offset;
  end_session();
  answers = ANSWER_BYE_DONE;
}

static void take_frame(const struct frame *frame, uint32_t now_us) {
  line_rate_heard_good_frame();
  stray = STRAY_NONE;
  if (frame->type == FRAME_HELLO) {
    take_hello(frame, now_us);
    return;
  }
  if (!has_session || frame->session != session.session) {
    answer_stranger(frame);
    return;
  }
  heard_us = now_us;
  if (frame->type == FRAME_STATUS) {
    take_status(frame, now_us);
    return;
  }
  result_buffer_acknowledge(frame->ack, 0, 0, now_us);
  switch (frame->type) {
    case FRAME_DATA:
      take_data(frame, now_us);
      break;
    case FRAME_PING:
      take_ping(frame);
      break;
    case FRAME_CANCEL:
      runner_cancel((uint8_t)frame->offset);
      break;
    case FRAME_BAUD:
      take_baud(frame);
      break;
    case FRAME_BYE:
      take_bye(frame);
      break;
    case FRAME_WELCOME:
    case FRAME_PONG:
    case FRAME_BAUD_READY:
    case FRAME_NO_SESSION:
    case FRAME_BYE_DONE:
    case FRAME_UNKNOWN_TYPE:
      /* Known, but a host has no business with them. */
      break;
    default:
      unknown_type = frame->type;
      unknown_tag = frame->offset;
      answers |= ANSWER_UNKNOWN_TYPE;
      break;
  }
}

static void take_frames(uint32_t now_us) {
  struct frame frame;
  for (;;) {
    switch (decoder_next(&frame)) {
      case DECODER_FRAME:
        take_frame(&frame, now_us);
        break;
      case DECODER_DAMAGED:
        if (has_session) status_damaged(now_us);
        break;
      case DECODER_NEEDS_MORE:
      default:
        return;
    }
  }
}

/* --- bytes in --- */

static void take_stray(uint8_t byte) {
  if (byte != SERPROG_NOP && byte != SERPROG_SYNCNOP) {
    stray = STRAY_NOISE;
  } else if (stray == STRAY_NONE) {
    stray = STRAY_SERPROG;
    stray_wants_sync = byte == SERPROG_SYNCNOP;
  } else if (byte == SERPROG_SYNCNOP) {
    stray_wants_sync = true;
  }
}

/* The line has been quiet: nothing but NOP and SYNCNOP came since the last frame, and the session has nothing to do. */
static void judge_stray(void) {
  uint8_t sync = stray_wants_sync ? SERPROG_SYNCNOP : SERPROG_NOP;
  bool is_serprog = stray == STRAY_SERPROG && !has_duties();
  stray = STRAY_NONE;
  if (!is_serprog) return;
  end_session();
  serprog_take(sync);
}

/* It has to wait for the last word of a session. */
static bool work_on_serprog(uint32_t now_us) { return answers == 0 && sender_is_idle() && serprog_work(now_us); }

/* Answers, like the next two, whether there may be more at once. */
static bool read_frame_bytes(uint32_t now_us) {
  uint16_t wants = decoder_wants();
  uint16_t count;
  /* Byte by byte would cost a slow processor more than the bytes themselves. */
  if (wants > BOARD_READ_BYTES && port_waiting() < BOARD_READ_BYTES &&
      !HAS_PASSED(now_us, watched_us, WATCH_EVERY_US)) {
    return false;
  }
  count = decoder_read(wants);
  if (count == 0) return false;
  last_byte_us = now_us;
  if (count < wants) return false;
  take_frames(now_us);
  return true;
}

static bool read_first_byte(uint32_t now_us) {
  uint8_t byte;
  if (port_read(&byte, 1) == 0) return false;
  last_byte_us = now_us;
  if (byte == FRAME_MARKER) {
    decoder_take(&byte, 1);
  } else if (has_session) {
    take_stray(byte);
  } else {
    serprog_take(byte);
    /* At once, so that a frame after a command of one byte is seen as one. */
    work_on_serprog(now_us);
  }
  return true;
}

static bool read_some(uint32_t now_us) {
  if (decoder_holds_part()) return read_frame_bytes(now_us);
  if (!has_session && !serprog_is_idle()) {
    if (!serprog_read()) return false;
    last_byte_us = now_us;
    return true;
  }
  return read_first_byte(now_us);
}

/* All that is there, but not without limit: a line may be as fast as we are. */
static bool read_bytes(uint32_t now_us) {
  uint8_t turns = 0;
  while (turns < MOST_READS && read_some(now_us)) turns++;
  return turns > 0;
}

/* --- frames out --- */

static void send_answer(void) {
  uint8_t *payload = sender_payload();
  if (answers & ANSWER_WELCOME) {
    answers &= (uint8_t)~ANSWER_WELCOME;
    begin_answer(FRAME_WELCOME, greeted.session, 0, welcome_write(payload, &greeted));
  } else if (answers & ANSWER_BAUD_READY) {
    answers &= (uint8_t)~ANSWER_BAUD_READY;
    bytes_put_u32(payload, ready_baud);
    begin_answer(FRAME_BAUD_READY, session.session, baud_tag, 4);
    if (ready_baud > 0) line_rate_change_later(ready_baud);
  } else if (answers & ANSWER_NO_SESSION) {
    answers &= (uint8_t)~ANSWER_NO_SESSION;
    bytes_put_u32(payload, port_boot_number());
    begin_answer(FRAME_NO_SESSION, 0, stranger_tag, 4);
  } else if (answers & ANSWER_BYE_DONE) {
    answers &= (uint8_t)~ANSWER_BYE_DONE;
    begin_answer(FRAME_BYE_DONE, bye_session, bye_tag, 0);
  } else {
    answers &= (uint8_t)~ANSWER_UNKNOWN_TYPE;
    payload[0] = unknown_type;
    begin_answer(FRAME_UNKNOWN_TYPE, session.session, unknown_tag, 1);
  }
}

static void send_results(uint32_t now_us) {
  uint8_t units = host_frame_units < BOARD_MAX_FRAME_UNITS ? host_frame_units : BOARD_MAX_FRAME_UNITS;
  uint16_t most = FRAME_PAYLOAD_BYTES(units);
  uint16_t unsent = result_buffer_unsent();
  uint16_t offset, count;
  bool leaves;
  if (result_buffer_held() == 0) return;
  leaves = result_buffer_has_lost() || unsent >= most || !has_steps() || runner_is_blocked() ||
           HAS_PASSED(now_us, result_last_byte_us(), GATHER_US);
  if (!leaves || !result_buffer_take(most, now_us, &offset, &count)) return;
  status_sent_other();
  sender_begin_results(session.session, offset, (uint16_t)step_buffer_received(), count);
}

static void begin_frame(uint32_t now_us) {
  if (answers != 0) {
    send_answer();
  } else if (has_session && status_is_due()) {
    uint8_t count = status_write(sender_payload(), runner_is_busy(), runner_is_cancelled(), now_us);
    sender_begin(FRAME_STATUS, session.session, 0, (uint16_t)step_buffer_received(), count);
  } else if (has_session) {
    send_results(now_us);
  }
}

static bool write_bytes(uint32_t now_us) {
  /* A new rate waits for the line to be empty: nothing may follow at the old one. */
  if (sender_is_idle() && !line_rate_waits_for_line()) begin_frame(now_us);
  return sender_work();
}

/* --- all together --- */

static bool work_on_steps(uint32_t now_us) {
  bool has_moved;
  if (!has_session) return work_on_serprog(now_us);
  has_moved = runner_work(now_us);
  if (has_moved) status_moved(now_us);
  if (runner_is_invalid()) end_session();
  return has_moved;
}

static void watch_time(uint32_t now_us) {
  /* Nothing here is that urgent, and on eight bits it takes its time. */
  if (!HAS_PASSED(now_us, watched_us, WATCH_EVERY_US)) return;
  watched_us = now_us;
  line_rate_tick(now_us);
  if (HAS_PASSED(now_us, last_byte_us, PART_WAITS_US)) {
    if (decoder_holds_part()) {
      last_byte_us = now_us;
      decoder_give_up_part();
      take_frames(now_us);
    } else if (has_session && stray != STRAY_NONE) {
      judge_stray();
    } else if (!has_session && HAS_PASSED(now_us, last_byte_us, COMMAND_WAITS_US)) {
      serprog_give_up();
    }
  }
  if (!has_session) return;
  if (has_duties() && HAS_PASSED(now_us, heard_us, SILENCE_US)) {
    end_session();
    return;
  }
  result_buffer_check_patience(now_us);
  status_tick(runner_is_busy(), now_us);
}

/* Whether time alone will bring something to do. */
static bool waits(void) {
  if (decoder_holds_part() || !sender_is_idle() || answers != 0 || line_rate_waits()) return true;
  if (!has_session) return !serprog_is_quiet();
  return stray != STRAY_NONE || has_duties() || status_waits();
}

void bridge_begin(void) {
  has_session = false;
  decoder_reset();
  sender_reset();
  line_rate_reset();
  reset_session();
  last_byte_us = port_micros();
  watched_us = last_byte_us;
}

void bridge_hang_up(void) {
  end_session();
  decoder_reset();
  sender_reset();
  reset_session();
  /* A serprog host that was killed has left them driven. */
  port_drive(false);
}

bool bridge_has_session(void) { return has_session; }

bool bridge_work(void) {
  uint32_t now_us = port_micros();
  bool has_moved = read_bytes(now_us);
  if (work_on_steps(now_us)) has_moved = true;
  watch_time(now_us);
  if (write_bytes(now_us)) has_moved = true;
  return has_moved || waits();
}

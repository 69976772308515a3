#include "serprog.h"

#include "board.h"
#include "bytes.h"
#include "port.h"
#include "result-buffer.h"
#include "step-buffer.h"

#define ACK 0x06
#define NAK 0x15
#define BUS_SPI 8
#define INTERFACE_VERSION 1
/* A number has to be reported; delays need no room here. */
#define OPERATION_BUFFER_BYTES 32
#define NAME_BYTES 16
#define MAP_BYTES 32
#define MOST_PARAMETERS 6
/* The longest answer that is not an SPI operation's. */
#define ANSWER_BYTES (1 + MAP_BYTES)
#define LONGEST_DELAY_US 0xf0000000u
/* Bytes read from the port in one turn. */
#define MOST_AT_ONCE 256

enum opcode {
  NOP = SERPROG_NOP,
  Q_IFACE = 0x01,
  Q_CMDMAP = 0x02,
  Q_PGMNAME = 0x03,
  Q_SERBUF = 0x04,
  Q_BUSTYPE = 0x05,
  Q_OPBUF = 0x07,
  Q_WRNMAXLEN = 0x08,
  O_INIT = 0x0b,
  O_DELAY = 0x0e,
  O_EXEC = 0x0f,
  SYNCNOP = SERPROG_SYNCNOP,
  Q_RDNMAXLEN = 0x11,
  S_BUSTYPE = 0x12,
  O_SPIOP = 0x13,
  S_SPI_FREQ = 0x14,
  S_PIN_STATE = 0x15
};

/* The opcodes above, as Q_CMDMAP returns them. */
static const uint8_t map[3] = {0xbf, 0xc9, 0x3f};
static const char name[] = "norbridge";

enum state { AT_OPCODE, AT_PARAMETERS, AT_DATA, SWALLOWING, SENDING, RECEIVING, WAITING };

/* An enum state. */
static uint8_t state;
static uint8_t opcode;
static uint8_t parameters[MOST_PARAMETERS];
static uint8_t parameter_count;
static uint32_t send_bytes;
static uint32_t receive_bytes;
static uint32_t delay_us;
static uint32_t waits_since_us;
/* S_PIN_STATE 0 was received. */
static bool is_released;

void serprog_reset(void) {
  if (state == SENDING || state == RECEIVING) port_spi_deselect();
  state = AT_OPCODE;
  delay_us = 0;
  is_released = false;
  step_buffer_reset();
  result_buffer_reset();
}

bool serprog_is_idle(void) { return state == AT_OPCODE && step_buffer_available() == 0; }

bool serprog_is_quiet(void) { return serprog_is_idle() && result_buffer_held() == 0; }

void serprog_give_up(void) {
  uint8_t answer = NAK;
  if (state != AT_PARAMETERS && state != AT_DATA && state != SWALLOWING) return;
  state = AT_OPCODE;
  step_buffer_consume(step_buffer_available());
  /* There is room: a command is begun only when all of its answer fits. */
  result_buffer_append(&answer, 1);
}

static bool take(uint8_t *byte) {
  const uint8_t *bytes;
  if (step_buffer_available() == 0) return false;
  step_buffer_look(0, 1, &bytes);
  *byte = *bytes;
  step_buffer_consume(1);
  return true;
}

void serprog_take(uint8_t byte) {
  ring_at_t room;
  *step_buffer_room(&room) = byte;
  step_buffer_took(1);
}

bool serprog_read(void) {
  ring_at_t room;
  uint8_t *into = step_buffer_room(&room);
  uint16_t count = port_read(into, (uint16_t)(room < MOST_AT_ONCE ? room : MOST_AT_ONCE));
  step_buffer_took(count);
  return count > 0;
}

/* --- answers --- */

static void say(const uint8_t *bytes, uint8_t count) { result_buffer_append(bytes, count); }

static void say_byte(uint8_t byte) { say(&byte, 1); }

/* ACK and a number of `count` bytes. */
static void say_number(uint32_t value, uint8_t count) {
  uint8_t bytes[5];
  bytes[0] = ACK;
  bytes_put_u32(bytes + 1, value);
  say(bytes, (uint8_t)(1 + count));
}

static void say_padded(const uint8_t *bytes, uint8_t count, uint8_t length) {
  uint8_t i;
  say_byte(ACK);
  for (i = 0; i < length; i++) say_byte(i < count ? bytes[i] : 0);
}

/* --- commands --- */

static uint8_t parameters_of(uint8_t code) {
  switch (code) {
    case O_DELAY:
    case S_SPI_FREQ:
      return 4;
    case S_BUSTYPE:
    case S_PIN_STATE:
      return 1;
    case O_SPIOP:
      return 6;
    default:
      return 0;
  }
}

static uint32_t u24(const uint8_t *from) { return bytes_u16(from) | (uint32_t)from[2] << 16; }

static void begin_operation(void) {
  send_bytes = u24(parameters);
  receive_bytes = u24(parameters + 3);
  /* What is too long is refused, and everything while the pins are released; but its data must not be treated as commands. */
  if (is_released || send_bytes > BOARD_MAX_SEND_BYTES || receive_bytes > BOARD_MAX_RECEIVE_BYTES) {
    state = SWALLOWING;
  } else {
    state = AT_DATA;
  }
}

static void set_clock(void) {
  uint32_t wish_hz = bytes_u32(parameters);
  if (wish_hz == 0) {
    say_byte(NAK);
  } else {
    say_number(port_spi_clock(wish_hz), 4);
  }
}

static void drive(bool is_driven) {
  is_released = !is_driven;
  port_drive(is_driven);
  say_byte(ACK);
}

/* All parameters are there. */
static void execute(uint32_t now_us) {
  state = AT_OPCODE;
  switch (opcode) {
    case NOP:
      say_byte(ACK);
      break;
    case Q_IFACE:
      say_number(INTERFACE_VERSION, 2);
      break;
    case Q_CMDMAP:
      say_padded(map, sizeof map, MAP_BYTES);
      break;
    case Q_PGMNAME:
      say_padded((const uint8_t *)name, sizeof name, NAME_BYTES);
      break;
    case Q_SERBUF:
      say_number(BOARD_STEP_BUFFER_BYTES > 0xffff ? 0xffff : BOARD_STEP_BUFFER_BYTES, 2);
      break;
    case Q_BUSTYPE:
      say_number(BUS_SPI, 1);
      break;
    case Q_OPBUF:
      say_number(OPERATION_BUFFER_BYTES, 2);
      break;
    case Q_WRNMAXLEN:
      say_number(BOARD_MAX_SEND_BYTES, 3);
      break;
    case Q_RDNMAXLEN:
      say_number(BOARD_MAX_RECEIVE_BYTES, 3);
      break;
    case O_INIT:
      delay_us = 0;
      say_byte(ACK);
      break;
    case O_DELAY: {
      uint32_t more_us = bytes_u32(parameters);
      delay_us = more_us > LONGEST_DELAY_US - delay_us ? LONGEST_DELAY_US : delay_us + more_us;
      say_byte(ACK);
      break;
    }
    case O_EXEC:
      waits_since_us = now_us;
      state = WAITING;
      break;
    case SYNCNOP:
      say_byte(NAK);
      say_byte(ACK);
      break;
    case S_BUSTYPE:
      say_byte(parameters[0] == BUS_SPI ? ACK : NAK);
      break;
    case O_SPIOP:
      begin_operation();
      break;
    case S_SPI_FREQ:
      set_clock();
      break;
    case S_PIN_STATE:
      drive(parameters[0] != 0);
      break;
    default:
      say_byte(NAK);
      break;
  }
}

/* All data is there. */
static void begin_sending(void) {
  port_drive(true);
  port_spi_select();
  state = SENDING;
}

static void send_slice(void) {
  const uint8_t *bytes;
  uint16_t count = send_bytes < BOARD_SLICE_BYTES ? (uint16_t)send_bytes : BOARD_SLICE_BYTES;
  count = (uint16_t)step_buffer_look(0, count, &bytes);
  port_spi_send(bytes, count);
  step_buffer_consume(count);
  send_bytes -= count;
}

static bool receive_slice(void) {
  uint16_t free = result_buffer_free();
  uint16_t count = receive_bytes < BOARD_SLICE_BYTES ? (uint16_t)receive_bytes : BOARD_SLICE_BYTES;
  if (count > free) return false;
  port_spi_receive(bytes_slice, count);
  result_buffer_append(bytes_slice, count);
  receive_bytes -= count;
  return true;
}

static bool swallow(void) {
  uint32_t available = step_buffer_available();
  if (available > send_bytes) available = send_bytes;
  step_buffer_consume(available);
  send_bytes -= available;
  if (send_bytes > 0) return available > 0;
  say_byte(NAK);
  state = AT_OPCODE;
  return true;
}

static bool run(uint32_t now_us) {
  uint8_t byte;
  switch ((enum state)state) {
    case AT_OPCODE:
      if (result_buffer_free() < ANSWER_BYTES || !take(&byte)) return false;
      opcode = byte;
      parameter_count = 0;
      state = AT_PARAMETERS;
      if (parameters_of(opcode) == 0) execute(now_us);
      return true;
    case AT_PARAMETERS:
      if (!take(&byte)) return false;
      parameters[parameter_count++] = byte;
      if (parameter_count == parameters_of(opcode)) execute(now_us);
      return true;
    case AT_DATA:
      if (step_buffer_available() < send_bytes) return false;
      begin_sending();
      return true;
    case SWALLOWING:
      return swallow();
    case SENDING:
      if (send_bytes > 0) {
        send_slice();
      } else {
        say_byte(ACK);
        state = RECEIVING;
      }
      return true;
    case RECEIVING:
      if (receive_bytes > 0) return receive_slice();
      port_spi_deselect();
      state = AT_OPCODE;
      return true;
    case WAITING:
    default:
      if (!HAS_PASSED(now_us, waits_since_us, delay_us)) return false;
      delay_us = 0;
      say_byte(ACK);
      state = AT_OPCODE;
      return true;
  }
}

static bool speak(void) {
  const uint8_t *bytes;
  uint16_t count = result_buffer_peek(&bytes);
  if (count == 0) return false;
  count = port_write(bytes, count);
  result_buffer_drop(count);
  return count > 0;
}

bool serprog_work(uint32_t now_us) {
  bool has_run = run(now_us);
  bool has_spoken = speak();
  return has_run || has_spoken;
}

/* norbridge-host --listen PORT | --pty, --spi PORT
 *
 * The bridge's line is a TCP port of this machine (one client at a time) or a pseudo terminal; which one it is stands on the first line of stdout. Its SPI is a
 * TCP connection to whatever plays the chip, on a port of this machine:
 *
 *   'S'            chip select low          'D'           high
 *   'W' n n ...    n bytes out              'R' n n       n bytes in: FFh out, and the answer is the n bytes
 *   'P' mask level pins (PROTOCOL.md section 5); n is 16 bits, little-endian
 *
 * Ends when the chip's connection ends, or with a signal. */
#define _XOPEN_SOURCE 600
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "bridge.h"
#include "port.h"

#define EXIT_USAGE 2
/* Waits of the core are in microseconds, those of poll() in milliseconds. */
#define SHORTEST_WAIT_MS 1

static int chip;
static int listener = -1;
/* The host's end; -1: no host is connected. */
static int line = -1;
/* The terminal's other end stays open, or reading ours would fail whenever the host closes its own. */
static int terminal = -1;

static void fail(const char *what) {
  fprintf(stderr, "norbridge-host: %s: %s\n", what, strerror(errno));
  exit(1);
}

/* --- SPI --- */

static void write_all(const void *from, size_t count) {
  const char *at = from;
  while (count > 0) {
    ssize_t written = write(chip, at, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("the chip's connection");
    at += written;
    count -= (size_t)written;
  }
}

static void ask(uint8_t what, uint16_t count) {
  uint8_t head[3];
  head[0] = what;
  head[1] = (uint8_t)count;
  head[2] = (uint8_t)(count >> 8);
  write_all(head, sizeof head);
}

void port_spi_select(void) { write_all("S", 1); }

void port_spi_deselect(void) { write_all("D", 1); }

uint16_t port_spi_slice(void) { return BOARD_SLICE_BYTES; }

void port_spi_send(const uint8_t *from, uint16_t count) {
  ask('W', count);
  write_all(from, count);
}

void port_spi_receive(uint8_t *into, uint16_t count) {
  ask('R', count);
  while (count > 0) {
    ssize_t received = read(chip, into, count);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) fail("the chip's connection");
    into += received;
    count = (uint16_t)(count - received);
  }
}

uint32_t port_spi_clock(uint32_t wish_hz) {
  if (wish_hz < BOARD_SPI_MIN_HZ) return BOARD_SPI_MIN_HZ;
  return wish_hz < BOARD_SPI_MAX_HZ ? wish_hz : BOARD_SPI_MAX_HZ;
}

bool port_chip_select(uint8_t index) { return index == 0; }

bool port_set_pins(uint8_t mask, uint8_t level) {
  uint8_t pins[3];
  if ((mask & ~6u) != 0) return false;
  pins[0] = 'P';
  pins[1] = mask;
  pins[2] = level;
  write_all(pins, sizeof pins);
  return true;
}

void port_drive(bool is_driven) {
  (void)is_driven;
  port_set_pins(6, 6);
}

/* --- the line --- */

uint16_t port_read(uint8_t *into, uint16_t most) {
  ssize_t count;
  if (line < 0) return 0;
  count = read(line, into, most);
  if (count > 0) return (uint16_t)count;
  /* A terminal whose host has gone gives EIO, and works again with the next one. */
  if (count < 0 && (errno == EAGAIN || errno == EINTR || terminal >= 0)) return 0;
  close(line);
  line = -1;
  bridge_hang_up();
  return 0;
}

uint16_t port_waiting(void) { return 1; }

uint16_t port_write(const uint8_t *from, uint16_t count) {
  ssize_t written;
  /* No host is connected: drop the bytes. */
  if (line < 0) return count;
  written = write(line, from, count);
  return written > 0 ? (uint16_t)written : 0;
}

bool port_has_sent(void) { return true; }

uint32_t port_micros(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)now.tv_sec * 1000000u + (uint32_t)(now.tv_nsec / 1000);
}

/* Neither sockets nor pseudo terminals have a rate. */
uint32_t port_baud(void) { return 0; }
uint32_t port_max_baud(void) { return 0; }
uint32_t port_possible_baud(uint32_t wish) {
  (void)wish;
  return 0;
}
void port_set_baud(uint32_t baud) { (void)baud; }

uint32_t port_boot_number(void) {
  static uint32_t number;
  if (number == 0) number = (uint32_t)time(0) ^ ((uint32_t)getpid() << 16);
  return number;
}

enum restart port_restart_reason(void) { return RESTART_NONE; }

uint8_t port_serial_number(uint8_t *into) {
  (void)into;
  return 0;
}

/* --- the process --- */

static void usage(void) {
  fputs("usage: norbridge-host (--listen PORT | --pty) --spi PORT\n", stderr);
  exit(EXIT_USAGE);
}

static uint16_t port_number(const char *text) {
  char *end;
  long number = strtol(text, &end, 10);
  if (*text == 0 || *end != 0 || number < 0 || number > 65535) usage();
  return (uint16_t)number;
}

static struct sockaddr_in here(uint16_t port) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void be_prompt(int socket_fd) {
  int on = 1;
  setsockopt(socket_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void be_patient(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) fail("fcntl");
}

static void connect_chip(uint16_t port) {
  struct sockaddr_in address = here(port);
  chip = socket(AF_INET, SOCK_STREAM, 0);
  if (chip < 0 || connect(chip, (struct sockaddr *)&address, sizeof address) < 0) fail("--spi");
  be_prompt(chip);
}

static void listen_on(uint16_t port) {
  struct sockaddr_in address = here(port);
  socklen_t length = sizeof address;
  int on = 1;
  listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener < 0) fail("socket");
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1) < 0) fail("--listen");
  if (getsockname(listener, (struct sockaddr *)&address, &length) < 0) fail("--listen");
  be_patient(listener);
  printf("tcp://127.0.0.1:%u\n", ntohs(address.sin_port));
}

static void open_terminal(void) {
  struct termios settings;
  const char *name;
  line = posix_openpt(O_RDWR | O_NOCTTY);
  if (line < 0 || grantpt(line) < 0 || unlockpt(line) < 0) fail("--pty");
  name = ptsname(line);
  terminal = name == 0 ? -1 : open(name, O_RDWR | O_NOCTTY);
  if (terminal < 0 || tcgetattr(terminal, &settings) < 0) fail("--pty");
  cfmakeraw(&settings);
  if (tcsetattr(terminal, TCSANOW, &settings) < 0) fail("--pty");
  be_patient(line);
  puts(name);
}

static void accept_host(void) {
  if (listener < 0 || line >= 0) return;
  line = accept(listener, 0, 0);
  if (line < 0) return;
  be_prompt(line);
  be_patient(line);
}

/* Until a byte arrives, or a host connects, or for `wait_ms`; -1: without limit. */
static void sleep_for(int wait_ms) {
  struct pollfd all[2];
  all[0].fd = line >= 0 ? line : listener;
  all[0].events = POLLIN;
  /* The chip reports nothing by itself: readable means gone. */
  all[1].fd = chip;
  all[1].events = POLLIN;
  if (poll(all, 2, wait_ms) > 0 && all[1].revents != 0) exit(0);
}

int main(int count, char **words) {
  const char *listen_text = 0, *spi_text = 0;
  bool wants_terminal = false;
  int i;
  for (i = 1; i < count; i++) {
    if (strcmp(words[i], "--pty") == 0) {
      wants_terminal = true;
    } else if (strcmp(words[i], "--listen") == 0 && i + 1 < count) {
      listen_text = words[++i];
    } else if (strcmp(words[i], "--spi") == 0 && i + 1 < count) {
      spi_text = words[++i];
    } else {
      usage();
    }
  }
  if (spi_text == 0 || wants_terminal == (listen_text != 0)) usage();
  signal(SIGPIPE, SIG_IGN);
  connect_chip(port_number(spi_text));
  if (wants_terminal) {
    open_terminal();
  } else {
    listen_on(port_number(listen_text));
  }
  fflush(stdout);
  bridge_begin();
  for (;;) {
    accept_host();
    if (!bridge_work()) {
      sleep_for(-1);
    } else if (line < 0) {
      sleep_for(SHORTEST_WAIT_MS);
    }
  }
}

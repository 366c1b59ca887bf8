/** A mail server in a process of its own that takes everything and keeps nothing: prints its address. */
import { SMTPServer } from 'smtp-server';

const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onData(stream, _session, done) {
    stream.resume();
    stream.on('end', done);
  },
});
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`smtp://127.0.0.1:${server.server.address().port}\n`);
});
// Whoever started it is gone.
process.stdin.resume().on('end', () => process.exit());

import { SMTPServer } from 'smtp-server';

/**
 * A mail server with the two troubles a wave can meet: of every twenty recipients it refuses one and, for another,
 * cuts the connection after the message has arrived, so that nobody can know.
 */
export async function startMailServer() {
  let recipients = 0;
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo(_address, session, done) {
      recipients += 1;
      session.cut = recipients % 20 === 7;
      done(
        recipients % 20 === 3
          ? Object.assign(new Error('5.1.1 No such user'), { responseCode: 550 })
          : undefined,
      );
    },
    onData(stream, session, done) {
      stream.resume();
      stream.on('end', () => {
        if (!session.cut) return done();
        for (const connection of server.connections)
          if (connection.session === session) connection._socket.destroy();
      });
    },
  });
  server.on('error', () => {});
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${server.server.address().port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

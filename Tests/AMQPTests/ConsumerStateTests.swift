import Testing

@testable import AMQP

/// The transitions of one consumer.
struct ConsumerStateTests {
    private let channel = OpenChannel(number: 3, generation: 1)

    @Test func `a pause stops a consumer and keeps its channel`() {
        var consumer = makeConsumer()
        consumer.started(on: channel)
        #expect(consumer.stop(.paused) == channel)
        #expect(consumer.phase == .stopped(channel))
        #expect(consumer.stop(.cancelled) == nil)
        #expect(consumer.intent == .cancelled)
    }

    @Test func `a refused consumer waits for its retry and a pause ends the wait`() {
        var consumer = makeConsumer()
        consumer.scheduleRetry()
        #expect(!consumer.isDue(at: .now - .seconds(1)))
        #expect(consumer.isDue(at: .now + .seconds(60)))
        #expect(consumer.stop(.paused) == nil)
        #expect(!consumer.isDue(at: .now + .seconds(60)))
    }

    @Test func `a lost connection removes cancelled consumers and stops the others`() {
        var table = ConsumerTable()
        for number in 1...3 { table[number] = makeConsumer(isPaused: number == 3) }
        table[1]?.started(on: channel)
        #expect(table.number(on: 3) == 1)
        _ = table[2]?.stop(.cancelled)
        table.connectionLost()
        #expect(table[2] == nil)
        #expect(table.number(on: 3) == nil)
        #expect(table.running == [1])
    }

    private func makeConsumer(isPaused: Bool = false) -> ConsumerState {
        ConsumerState(
            queue: "q", prefetch: 1, buffer: DeliveryBuffer(), isPaused: isPaused,
            backoff: Backoff(first: .milliseconds(200), longest: .seconds(15)))
    }
}

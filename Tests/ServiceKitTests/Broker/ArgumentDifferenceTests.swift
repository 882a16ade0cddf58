import AMQP
import Contracts
import Logging
import TestSupport
import Testing

@testable import ServiceKit

/// The type of queues that differ in several arguments.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct ArgumentDifferenceTests {
    @Test func `The type of a queue is found behind other differences`() async throws {
        try await withVhost { vhost in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let connection = AMQPConnection(
                ConnectionConfiguration(addresses: try BrokerAddress.list(vhost.url), name: "test"), logger: logger)
            let result = await Result {
                for old in QueueType.allCases {
                    let arguments: FieldTable = [
                        "x-queue-type": .string(old.rawValue), "x-message-ttl": .integer(5000),
                        "x-dead-letter-exchange": .string("other"), "x-max-length": .integer(7),
                    ]
                    for name in [QueueName.work(.match), RetryTier.s1.queue, QueueName.recovery] {
                        try await connection.declare([.queue(name, arguments: arguments)])
                        for new in QueueType.allCases {
                            let queue = try #require(Topology(new).queue(name))
                            #expect(
                                try await connection.hasOtherType(queue) == (queue.isQuorum != (old == .quorum)),
                                "\(name) \(old) \(new)")
                        }
                        try await connection.deleteQueue(name)
                    }
                }
            }
            await connection.close()
            try result.get()
        }
    }

    @Test func `The value of an argument is read from the broker's text`() {
        let start = "PRECONDITION_FAILED - inequivalent arg 'x' for queue 'q' in vhost '/': received"
        let none = ArgumentDifference("\(start) the value '1000000' of type 'signedint' but current is none")
        #expect(none?.name == "x" && none != nil && none?.current == nil)
        #expect(ArgumentDifference("\(start) none but current is the value '5' of type 'long'")?.current == .integer(5))
        #expect(
            ArgumentDifference("\(start) none but current is the value 'a' of type 'longstr'")?.current == .string("a"))
        #expect(ArgumentDifference("\(start) '1000' but current is '5000'")?.current == .integer(5000))
        #expect(ArgumentDifference("\(start) 'classic' but current is 'quorum'")?.current == .string("quorum"))
        #expect(ArgumentDifference("NOT_FOUND - no queue 'q' in vhost '/'") == nil)
    }
}

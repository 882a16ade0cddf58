import AMQP
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct InspectTests {
    @Test func `an inspection reads messages in order and requeues them in order`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            let texts = (0..<50).map { String($0) }
            for text in texts { try await connection.send(text, to: "q") }
            for _ in 0..<3 {
                let seen = try await connection.inspect("q") { inspection in
                    var seen: [Delivery] = []
                    while let delivery = try await inspection.next() { seen.append(delivery) }
                    return seen
                }
                #expect(seen.map(\.text) == texts)
                #expect(seen.map(\.remaining) == (0..<50).reversed())
            }
            #expect(try await connection.status(of: "q").ready == 50)
        }
    }

    @Test func `an ack in an inspection removes only that message and keeps the order of the others`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            for number in 0..<5 { try await connection.send("\(number)", to: "q") }
            try await connection.inspect("q") { inspection in
                while let delivery = try await inspection.next(), delivery.text != "4" {
                    if delivery.text == "2" { delivery.ack() }
                }
            }
            #expect(try await connection.removeTexts(from: "q") == ["0", "1", "3", "4"])
        }
    }

    @Test func `the messages of an inspection are requeued if its body throws`() async throws {
        struct BodyFailed: Error {}
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            try await connection.send(["1", "2"], to: "q")
            await #expect(throws: BodyFailed.self) {
                try await connection.inspect("q") { inspection in
                    _ = try await inspection.next()
                    throw BodyFailed()
                }
            }
            #expect(try await connection.status(of: "q").ready == 2)
        }
    }

    @Test func `an inspection of a missing queue fails and leaves the connection usable`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            try await connection.send("1", to: "q")
            for _ in 0..<3 {
                #expect(
                    await errorCode { _ = try await connection.inspect("none") { try await $0.next() } } == .notFound)
                #expect(try await connection.inspect("q") { try await $0.next() }?.text == "1")
            }
            #expect(connection.status.isUsable)
        }
    }

    @Test func `two concurrent inspections share the messages and lose none`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            try await connection.send((0..<200).map { String($0) }, to: "q")
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        try await connection.inspect("q") { inspection in
                            var count = 0
                            while try await inspection.next() != nil { count += 1 }
                            return count
                        }
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(counts.reduce(0, +) >= 200)
            // The broker requeues the messages of an inspection after it has confirmed the close.
            try await eventually("all are ready") { try await connection.status(of: "q").ready == 200 }
        }
    }

    @Test func `inspections among many deliveries of the same connection mix up no messages`() async throws {
        try await withConnection { connection, vhost in
            for queue in ["consumed", "inspected"] { try await connection.declareQueue(queue) }
            // Bodies of several frames and bodies that are skipped.
            let sizes = (0..<300).map { $0 % 3 == 0 ? 300_000 : $0 }
            for size in [1, 200_000, 300_001] {
                try await connection.publish(Message(body: Data(count: size)), to: "", key: "inspected")
            }
            try await withConnection(to: vhost.url) {
                $0.largestBody = 200_000
            } _: { mixed in
                let subscription = try await mixed.subscribe(to: "consumed", prefetch: 20)
                async let received = { () -> [Int] in
                    var received: [Int] = []
                    for _ in sizes {
                        let delivery = try await subscription.read(1)[0]
                        if case .bodyTooLarge(let size) = delivery.problem {
                            received.append(size)
                        } else {
                            received.append(delivery.message.body.count)
                        }
                        delivery.ack()
                    }
                    return received
                }()
                async let publishing: Void = {
                    for size in sizes {
                        try await connection.publish(Message(body: Data(count: size)), to: "", key: "consumed")
                    }
                }()
                for _ in 0..<100 {
                    let seen = try await mixed.inspect("inspected") { inspection in
                        var seen: [Int] = []
                        while let delivery = try await inspection.next() { seen.append(delivery.message.body.count) }
                        return seen
                    }
                    // The broker can requeue the messages of the previous inspection late.
                    #expect(seen == [1, 200_000, 0].filter(seen.contains))
                }
                try await publishing
                #expect(try await received == sizes)
            }
        }
    }

    @Test func `an inspection fails with staleDelivery after the connection was lost`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declareQueue("q")
            try await connection.send(["1", "2"], to: "q")
            let code = await errorCode {
                try await connection.inspect("q") { inspection in
                    _ = try await inspection.next()
                    try await connection.loseConnection(of: vhost)
                    _ = try await inspection.next()
                }
            }
            #expect(code == .staleDelivery)
            #expect(try await connection.status(of: "q").ready == 2)
        }
    }
}

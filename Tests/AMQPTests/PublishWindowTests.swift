import Foundation
import Testing

@testable import AMQP

/// The publishes that a confirm covers.
struct PublishWindowTests {
    @Test func `a multiple confirm completes all publishes up to its number`() async {
        let results = await publish(5) { window in
            _ = window.confirm(3, multiple: true, refused: false)
            #expect(window.count == 2)
            _ = window.confirm(5, multiple: false, refused: false)
            _ = window.confirm(4, multiple: false, refused: true)
        }
        #expect(results == [nil, nil, nil, .refused, nil])
    }

    @Test func `confirms out of order complete their own publishes`() async {
        let results = await publish(4) { window in
            _ = window.confirm(4, multiple: false, refused: false)
            _ = window.confirm(2, multiple: false, refused: true)
            _ = window.confirm(2, multiple: false, refused: false)
            _ = window.confirm(4, multiple: true, refused: false)
        }
        #expect(results == [nil, .refused, nil, nil])
    }

    @Test func `a later confirm skips an expired publish`() async {
        let results = await publish(3, late: [0]) { window in
            window.expire(at: .now)
            #expect(window.count == 2)
            _ = window.confirm(3, multiple: true, refused: false)
            #expect(window.count == 0)
        }
        #expect(results == [.timedOut, nil, nil])
    }

    @Test func `a returned message fails at its confirm and another one with the same id does not`() async {
        let results = await publish(3) { window in
            let returned = PublishIdentity(messageID: "same", exchange: "e", routingKey: "1")
            window.markReturned(returned, reason: "NO_ROUTE")
            for unrouted in window.confirm(3, multiple: true, refused: false) {
                unrouted.publish.finish(.failure(unrouted.error))
            }
        }
        #expect(results == [nil, .unroutable, nil])
    }

    @Test func `removed publishes keep their order and sequence numbers begin again`() async {
        let results = await publish(3) { window in
            let unconfirmed = window.removeAll()
            #expect(unconfirmed.map(\.routingKey) == ["0", "1", "2"])
            for publish in unconfirmed { window.add(publish) }
            _ = window.confirm(3, multiple: true, refused: false)
        }
        #expect(results == [nil, nil, nil])
    }

    @Test func `large bodies fill the window before the limit of publishes`() async {
        _ = await publish(2, size: 300_000) { window in
            #expect(!window.hasRoom(for: 1000))
            _ = window.confirm(1, multiple: false, refused: false)
            #expect(window.hasRoom(for: 1000))
            #expect(!window.hasRoom(for: 1))
            _ = window.confirm(2, multiple: true, refused: false)
        }
    }

    /// Adds publishes with the same message id and the keys 0, 1, 2 … to a window. Their numbers are 1, 2, 3 …
    /// - Returns: The error code of each publish; `nil` for success.
    private func publish(
        _ count: Int, late: Set<Int> = [], size: Int = 1, _ body: @escaping @Sendable (inout PublishWindow) -> Void
    ) async -> [AMQPError.Code?] {
        let (pending, continuation) = AsyncStream.makeStream(of: PendingPublish.self)
        return await withTaskGroup(of: (Int, AMQPError.Code?).self) { group in
            for number in 0..<count {
                group.addTask {
                    let result = await withCheckedContinuation { result in
                        var message = Message(body: Data(count: size))
                        message.properties.messageID = "same"
                        continuation.yield(
                            PendingPublish(
                                message: message, exchange: "e", routingKey: "\(number)",
                                deadline: .now + (late.contains(number) ? .zero : .seconds(600)),
                                completion: { result.resume(returning: $0) }))
                    }
                    if case .failure(let error) = result { return (number, error.code) }
                    return (number, nil)
                }
            }
            var publishes: [PendingPublish] = []
            for await publish in pending {
                publishes.append(publish)
                if publishes.count == count { break }
            }
            var window = PublishWindow()
            for publish in publishes.sorted(by: { $0.routingKey < $1.routingKey }) { window.add(publish) }
            body(&window)
            return await group.reduce(into: [AMQPError.Code?](repeating: nil, count: count)) { $0[$1.0] = $1.1 }
        }
    }
}

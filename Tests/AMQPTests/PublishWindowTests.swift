import Foundation
import Testing

@testable import AMQP

/// Which publish a confirm stands for.
struct PublishWindowTests {
    @Test func `a confirm of several ends all up to its number and no other`() async {
        let results = await publish(5) { window in
            window.confirm(3, multiple: true, refused: false)
            #expect(window.count == 2)
            window.confirm(5, multiple: false, refused: false)
            window.confirm(4, multiple: false, refused: true)
        }
        #expect(results == [nil, nil, nil, .refused, nil])
    }

    @Test func `confirms out of order end their own`() async {
        let results = await publish(4) { window in
            window.confirm(4, multiple: false, refused: false)
            window.confirm(2, multiple: false, refused: true)
            window.confirm(2, multiple: false, refused: false)
            window.confirm(4, multiple: true, refused: false)
        }
        #expect(results == [nil, .refused, nil, nil])
    }

    @Test func `what was given up is skipped by a later confirm`() async {
        let results = await publish(3, late: [0]) { window in
            window.expire(at: .now)
            #expect(window.count == 2)
            window.confirm(3, multiple: true, refused: false)
            #expect(window.count == 0)
        }
        #expect(results == [.timedOut, nil, nil])
    }

    @Test func `a returned message fails by its confirm, another of the same id does not`() async {
        let results = await publish(3) { window in
            let returned = PublishIdentity(messageID: "same", exchange: "e", routingKey: "1")
            window.markReturned(returned, reason: "NO_ROUTE")
            window.confirm(3, multiple: true, refused: false)
        }
        #expect(results == [nil, .unroutable, nil])
    }

    @Test func `what is taken out keeps its order and the count begins anew`() async {
        let results = await publish(3) { window in
            let left = window.removeAll()
            #expect(left.map(\.routingKey) == ["0", "1", "2"])
            for publish in left { window.add(publish) }
            window.confirm(3, multiple: true, refused: false)
        }
        #expect(results == [nil, nil, nil])
    }

    @Test func `large bodies fill the window before many small ones`() async {
        _ = await publish(2, size: 300_000) { window in
            #expect(!window.hasRoom(for: 1000))
            window.confirm(1, multiple: false, refused: false)
            #expect(window.hasRoom(for: 1000))
            #expect(!window.hasRoom(for: 1))
            window.confirm(2, multiple: true, refused: false)
        }
    }

    /// Puts publishes with one message id and the keys 0, 1, 2 … into a window; their numbers are 1, 2, 3 …
    /// - Returns: how each ended.
    private func publish(
        _ count: Int, late: Set<Int> = [], size: Int = 1, _ body: @escaping @Sendable (inout PublishWindow) -> Void
    ) async -> [AMQPError.Code?] {
        let (pending, continuation) = AsyncStream.makeStream(of: PendingPublish.self)
        return await withTaskGroup(of: (Int, AMQPError.Code?).self) { group in
            for number in 0..<count {
                group.addTask {
                    let result = await withCheckedContinuation { answer in
                        var message = Message(body: Data(count: size))
                        message.properties.messageID = "same"
                        continuation.yield(
                            PendingPublish(
                                message: message, exchange: "e", routingKey: "\(number)",
                                deadline: .now + (late.contains(number) ? .zero : .seconds(600)),
                                completion: { answer.resume(returning: $0) }))
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

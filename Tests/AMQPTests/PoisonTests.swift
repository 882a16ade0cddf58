import AMQP
import Foundation
import TestSupport
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Messages whose content could exhaust the memory or the stack.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct PoisonTests {
    @Test func `a body that is too large is not copied, and the messages around it are`() async throws {
        try await withVhost { vhost in
            try await withConnection(to: vhost.url) {
                $0.largestBody = 200_000
            } _: { connection in
                try await connection.declareQueue("q")
                let sizes = [0, 200_000, 200_001, 10, 3_000_000, 131_064 * 2, 131_064]
                for size in sizes {
                    var message = Message(body: Data(repeating: 7, count: size))
                    message.properties.headers = ["size": .integer(Int64(size))]
                    try await connection.publish(message, to: "", key: "q")
                }
                let inspected = try await connection.inspect("q") { inspection in
                    var deliveries: [Delivery] = []
                    while let delivery = try await inspection.next() { deliveries.append(delivery) }
                    return deliveries
                }
                check(inspected, sizes, limit: 200_000)
                let read = try await connection.subscribe(to: "q", prefetch: 100).read(sizes.count)
                check(read, sizes, limit: 200_000)
                for delivery in read { delivery.ack() }
                try await connection.flush()
                try await eventually("the queue is empty") { try await vhost.depth(of: "q") == 0 }
            }
        }
    }

    @Test func `a body of more than four MiB is not copied unless it is configured`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declareQueue("q")
            let sizes = [4 << 20, (4 << 20) + 1]
            for size in sizes { try await connection.publish(Message(body: Data(count: size)), to: "", key: "q") }
            let subscription = try await connection.subscribe(to: "q", prefetch: 2)
            let read = try await subscription.read(2)
            #expect(read.map(\.problem) == [nil, .bodyTooLarge(sizes[1])])
            await subscription.cancel()
            for delivery in read { delivery.nack(requeue: true) }
            try await connection.flush()
            try await eventually("both are ready") { try await connection.status(of: "q").ready == 2 }
            try await withConnection(to: vhost.url) {
                $0.largestBody = 8 << 20
            } _: { large in
                let bodies = try await large.inspect("q") { inspection in
                    [try await inspection.next(), try await inspection.next()].map { $0?.message.body.count ?? 0 }
                }
                #expect(bodies.sorted() == sizes)
            }
        }
    }

    @Test func `a returned message with a large body leaves the connection usable`() async throws {
        try await withVhost { vhost in
            try await withConnection(to: vhost.url) {
                $0.largestBody = 1000
            } _: { connection in
                let large = Message(body: Data(count: 1_000_000))
                for _ in 0..<5 {
                    #expect(
                        await errorCode { try await connection.publish(large, to: "", key: "none") } == .unroutable)
                }
                #expect(connection.status.isUsable)
            }
        }
    }

    @Test func `headers are copied down to sixteen levels`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declareQueue("q")
            // The table of the headers is a level too.
            // RabbitMQ 3.10 needs many seconds for more than 4000.
            for levels in [15, 16, 4000] { try await publish(nested: levels, to: "q", of: vhost) }
            try await connection.send("plain", to: "q")
            let problems: [DeliveryProblem?] = [nil, .headersTooDeep, .headersTooDeep, nil]
            let inspected = try await connection.inspect("q") { inspection in
                var deliveries: [Delivery] = []
                while let delivery = try await inspection.next() { deliveries.append(delivery) }
                return deliveries
            }
            #expect(inspected.map(\.problem) == problems)
            let read = try await connection.subscribe(to: "q", prefetch: 4).read(4)
            #expect(read.map(\.problem) == problems)
            #expect(read.map(\.text) == ["deep", "deep", "deep", "plain"])
            #expect(read.map { depth($0.message.properties.headers) } == [16, 16, 16, 1])
            #expect(read[2].message.properties.headers["other"] == "kept")
        }
    }

    private func check(_ deliveries: [Delivery], _ sizes: [Int], limit: Int) {
        #expect(deliveries.map(\.problem) == sizes.map { $0 > limit ? .bodyTooLarge($0) : nil })
        #expect(deliveries.map(\.message.body) == sizes.map { Data(repeating: 7, count: $0 > limit ? 0 : $0) })
        #expect(deliveries.map { $0.message.properties.headers["size"]?.integerValue } == sizes.map { Int64($0) })
    }

    /// The number of tables inside each other.
    private func depth(_ table: FieldTable) -> Int {
        guard case .table(let inner)? = table["a"] else { return 1 }
        return 1 + depth(inner)
    }

    /// Publishes a message with tables inside its headers through the management API. The text of the request is built
    /// by hand, because an encoder would need as deep a recursion.
    private func publish(nested levels: Int, to queue: String, of vhost: TestVhost) async throws {
        let headers = String(repeating: #"{"a":"#, count: levels) + "1" + String(repeating: "}", count: levels)
        let body = #"""
            {"properties":{"headers":{"other":"kept","a":\#(headers)}},"routing_key":"\#(queue)","payload":"deep",
            "payload_encoding":"string"}
            """#
        let address = vhost.management.address + "/api/exchanges/\(vhost.name)/amq.default/publish"
        var request = URLRequest(url: try #require(URL(string: address)))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue(
            "Basic " + Data("guest:guest".utf8).base64EncodedString(), forHTTPHeaderField: "Authorization")
        request.httpBody = Data(body.utf8)
        let (data, response) = try await URLSession.shared.data(for: request)
        #expect((response as? HTTPURLResponse)?.statusCode == 200)
        #expect(String(decoding: data, as: UTF8.self).contains("true"))
    }
}

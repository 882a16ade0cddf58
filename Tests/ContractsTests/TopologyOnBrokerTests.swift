import Contracts
import Foundation
import TestSupport
import Testing

/// The topology on a real RabbitMQ, inspected and changed through the management API.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct TopologyOnBrokerTests {
    @Test(arguments: QueueType.allCases)
    func `the broker accepts the topology and routes as expected`(_ type: QueueType) async throws {
        try await withVhost { vhost in
            try await vhost.declare(Topology(type))
            // Messages leave a tier by themselves; another test covers the tiers.
            let routes = ExpectedRoute.all(type).filter { $0.exchange != ExchangeName.retry || $0.key == "t2s.match" }
            var expected: [String: [String]] = [:]
            for route in routes {
                let mark = "\(route.exchange) \(route.key)"
                let reached = try await vhost.publish(mark, to: route.exchange, key: route.key)
                // Messages that only the alternate exchange routes count as routed.
                #expect(reached == !route.queues.isEmpty, "\(mark)")
                for queue in route.queues { expected[queue, default: []].append(mark) }
            }
            for queue in Topology(type).queues {
                let found = try await vhost.removeMessages(queue.name, count: 1000)
                let marks = found.map { String(decoding: $0.body, as: UTF8.self) }
                #expect(marks.sorted() == expected[queue.name, default: []].sorted(), "\(queue.name)")
            }
        }
    }

    @Test(arguments: QueueType.allCases)
    func `a job returns from a tier under its key, with its properties`(_ type: QueueType) async throws {
        try await withVhost { vhost in
            try await vhost.declare(Topology(type))
            let key = RoutingKey.retry(.s1, .download, priority: 8)
            let properties: [String: JSONValue] = ["message_id": "m1", "priority": 8, "type": "hdm.job.v1"]
            let headers: [String: JSONValue] = ["x-hdm-attempt": 2]
            try await vhost.publish("{}", to: "hdm.retry", key: key, properties: properties, headers: headers)
            let message = try await eventually("the job is back", timeout: .seconds(20)) {
                try await vhost.removeMessages(QueueName.work(.download, type)[0]).first
            }
            #expect(message.exchange == ExchangeName.jobs && message.routingKey == key)
            #expect(message.properties["message_id"] == "m1" && message.properties["priority"] == 8)
            #expect(message.headers["x-hdm-attempt"] == 2)
        }
    }

    @Test func `dead letters that an operator moves keep their headers`() async throws {
        try await withVhost { vhost in
            try await vhost.declare(Topology())
            let headers: [String: JSONValue] = ["x-hdm-dead-reason": "no_source", "x-hdm-attempt": 10]
            for _ in 0..<5 { try await vhost.publish("{}", to: "hdm.dlx", key: "dead.download", headers: headers) }
            try await vhost.moveMessages(from: "hdm.dlq.download", to: "hdm.q.download")
            let moved = try await vhost.removeMessages("hdm.q.download")
            #expect(moved.count == 5)
            #expect(moved.allSatisfy { $0.exchange.isEmpty && $0.headers["x-hdm-dead-reason"] == "no_source" })
            #expect(try await vhost.removeMessages("hdm.dlq.download").isEmpty)
        }
    }
}

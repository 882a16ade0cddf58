import Contracts
import Foundation
import TestSupport
import Testing

/// `hdm topology upgrade`, from the queues of the version before deliveries had leases.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct TopologyUpgradeTests {
    @Test func `on one host only the tiers change, and queues that nobody uses go`() async throws {
        try await UpgradeFixture.run(.classic, to: .classic, messages: 20) { fixture in
            let plan = try await fixture.upgrade(options: ["--dry-run"])
            let lines = plan.output.split(separator: "\n")
            let tiers = lines.filter { $0.hasPrefix("hdm.retry.") }
            #expect(tiers.count == RetryTier.allCases.count, "\(plan.output)")
            #expect(lines.count { $0.hasPrefix("hdm.control.") } == ServiceName.allCases.count, "\(plan.output)")
            #expect(lines.count == tiers.count + ServiceName.allCases.count, "\(plan.output)")
            #expect(try await fixture.upgrade().status == 0)
            try await fixture.expectAllMessages()
        }
    }

    @Test(arguments: [(QueueType.quorum, QueueType.quorum), (.classic, .quorum), (.quorum, .classic)])
    func `a killed upgrade is continued, and every message is there once and in its order`(
        _ old: QueueType, _ new: QueueType
    ) async throws {
        try await UpgradeFixture.run(old, to: new, messages: 500) { fixture in
            for point in UpgradeFixture.crashes {
                let killed = try await fixture.upgrade(crash: point)
                #expect(killed.status == UpgradeFixture.killed, "\(point): \(killed.output)\(killed.errors)")
            }
            let last = try await fixture.upgrade()
            #expect(last.status == 0, "\(last.output)\(last.errors)")
            try await fixture.expectAllMessages()
            #expect(try await fixture.leftovers() == [])
        }
    }

    @Test func `without the management API all services must be stopped`() async throws {
        try await UpgradeFixture.run(.quorum, to: .quorum, messages: 0) { fixture in
            let refused = try await fixture.upgrade(options: [])
            #expect(refused.status == 78)
            #expect(refused.errors.contains("HDM_MANAGEMENT_URL") && refused.errors.contains("--services-stopped"))
        }
    }
}

/// A virtual host with the queues of an earlier version and messages in every kind of them.
private struct UpgradeFixture {
    let vhost: TestVhost
    let new: QueueType
    let settings: [String: String]
    /// The messages of each queue of the present topology, in their order.
    let expected: [String: [Line]]

    /// What a move must not change in a message.
    struct Line: Equatable, Sendable {
        var id: String
        var exchange: String
        var key: String
        var priority: Int
        var headers: [String: JSONValue]
        var body: String
    }

    static func run(
        _ old: QueueType, to new: QueueType, messages: Int, _ test: (UpgradeFixture) async throws -> Void
    ) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let file = PackageRoot.path("Tests/PipelineTests/BrokerBefore/leases.\(old.rawValue).json")
                try await vhost.importDefinitions(try String(contentsOfFile: file, encoding: .utf8))
                let lines = try await publish(messages, to: vhost, old)
                let settings = [
                    "HDM_AMQP_URL": vhost.url, "HDM_QUEUE_TYPE": new.rawValue, "DOWNLOADS_DIR": folder.path,
                ]
                try await test(
                    UpgradeFixture(
                        vhost: vhost, new: new, settings: settings, expected: order(lines, old, new)))
            }
        }
    }

    /// SIGKILL, the end of the command.
    static let killed: Int32 = 9

    /// Where an upgrade is killed. More than 32 messages of a queue are moved by then in part.
    static let crashes = [
        "upgrade.prepared:2", "upgrade.unbound:2", "upgrade.confirmed:4", "upgrade.deleted:4", "upgrade.returned:2",
        "upgrade.confirmed:3", "upgrade.bound:2",
    ]

    func upgrade(options: [String] = ["--services-stopped"], crash: String? = nil) async throws -> ContractCommand {
        var settings = settings
        settings["HDM_CRASH_POINT"] = crash
        return try await ContractCommand.run(["topology", "upgrade"] + options, settings: settings)
    }

    func expectAllMessages() async throws {
        let check = try await ContractCommand.run(["topology", "check"], settings: settings)
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        let hasClasses =
            try await vhost.management.request("GET", ["overview"])["rabbitmq_version"]?.stringValue
            .map { $0.hasPrefix("4.") } ?? false
        for queue in Topology(new).queues {
            var found = try await vhost.removeMessages(queue.name, count: 5000).map(Line.init)
            var wanted = expected[queue.name] ?? []
            if hasClasses { (found, wanted) = (Self.byClass(found), Self.byClass(wanted)) }
            #expect(found.map(\.id) == wanted.map(\.id), "\(queue.name)")
            #expect(found == wanted, "\(queue.name)")
        }
    }

    /// RabbitMQ 4 serves quorum queues in two classes of priorities, and keeps the order within each.
    private static func byClass(_ lines: [Line]) -> [Line] {
        lines.filter { $0.priority > 4 } + lines.filter { $0.priority <= 4 }
    }

    /// The names of objects that the upgrade should have deleted.
    func leftovers() async throws -> [String] {
        let objects =
            try await vhost.management.request("GET", ["queues", vhost.name]).elements
            + vhost.management.request("GET", ["exchanges", vhost.name]).elements
        return objects.compactMap { $0["name"]?.stringValue }.filter {
            $0.hasPrefix("hdm.upgrade") || $0.hasPrefix("hdm.control")
        }
    }
}

// The messages.
extension UpgradeFixture {
    private static func routes(_ type: QueueType) -> [(exchange: String, key: String, queues: [String])] {
        let classes = PriorityClass.allCases.map {
            ("hdm.jobs", "job.match\($0.suffix)", ["hdm.q.match" + (type == .quorum ? $0.suffix : "")])
        }
        return classes + [
            ("hdm.jobs", "t5s.download", ["hdm.q.download"]), ("hdm.jobs", "job.review", ["hdm.q.review"]),
            ("hdm.retry", "t6h.match", ["hdm.retry.6h"]), ("hdm.intake", "submit", ["hdm.q.intake"]),
            ("hdm.dlx", "dead.match", ["hdm.dlq.match", "hdm.q.recovery"]),
            ("hdm.events", "job.match.completed", ["hdm.events.gateway"]), ("", "hdm.q.planner", ["hdm.q.planner"]),
            ("", "hdm.dlq.tag", ["hdm.dlq.tag"]), ("", "hdm.q.move", ["hdm.q.move"]),
        ]
    }

    private static func publish(
        _ count: Int, to vhost: TestVhost, _ type: QueueType
    ) async throws -> [String: [Line]] {
        var lines: [String: [Line]] = [:]
        var published: [[String]: [Line]] = [:]
        let routes = routes(type)
        for number in 0..<count {
            let route = routes[number % routes.count]
            let line = Line(
                id: "m\(number)", exchange: route.exchange, key: route.key, priority: number % 10,
                headers: ["x-hdm-attempt": 2, "number": .integer(Int64(number))], body: "{\"number\": \(number)}")
            for queue in route.queues { lines[queue, default: []].append(line) }
            published[route.queues, default: []].append(line)
        }
        try await withThrowingTaskGroup { group in
            for lines in published.values { group.addTask { for line in lines { try await line.publish(to: vhost) } } }
            try await group.waitForAll()
        }
        return lines
    }

    /// Returns the messages of the queues after an upgrade. On one host the class queues are one queue with priorities.
    private static func order(
        _ lines: [String: [Line]], _ old: QueueType, _ new: QueueType
    ) -> [String: [Line]] {
        var lines = lines
        guard old == .classic || new == .classic else { return lines }
        if new == .classic {
            for suffix in [".hi", ".lo"] { lines["hdm.q.match", default: []] += lines["hdm.q.match" + suffix] ?? [] }
        }
        for queue in ["hdm.q.match", "hdm.q.download", "hdm.q.move", "hdm.q.planner"] {
            let (all, priorities) = (lines[queue] ?? [], (0...9).reversed())
            lines[queue] = priorities.flatMap { priority in all.filter { $0.priority == priority } }
        }
        return lines
    }
}

extension UpgradeFixture.Line {
    func publish(to vhost: TestVhost) async throws {
        let isRouted = try await vhost.publish(
            body, to: exchange, key: key,
            properties: ["message_id": .string(id), "priority": .integer(Int64(priority))], headers: headers)
        #expect(isRouted)
    }

    init(_ message: BrokerMessage) {
        self.init(
            id: message.properties["message_id"]?.stringValue ?? "",
            exchange: UpgradeName.originalExchange(message.exchange), key: message.routingKey,
            priority: Int(message.properties["priority"]?.integerValue ?? -1),
            headers: message.headers.filter { $0.key != "x-delivery-count" },
            body: String(decoding: message.body, as: UTF8.self))
    }
}

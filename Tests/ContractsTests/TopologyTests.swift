import Contracts
import Testing

@Suite struct TopologyTests {
    @Test(arguments: QueueType.allCases)
    func `every key reaches its queue, and no other`(_ type: QueueType) {
        let routing = TopologyRouting(topology: Topology(type))
        for route in ExpectedRoute.all(type) {
            #expect(routing.queues(route.exchange, route.key) == route.queues, "\(route.exchange) \(route.key)")
        }
    }

    @Test(arguments: QueueType.allCases)
    func `each dead letter is stored once and copied to recovery once`(_ type: QueueType) {
        let topology = Topology(type)
        let routing = TopologyRouting(topology: topology)
        var keys = Stage.allCases.flatMap { [RoutingKey.dead($0), RoutingKey.broker($0)] }
        keys += (Stage.allCases.map(\.rawValue) + ["intake", "planner", "review", "events", "audit"]).map(
            RoutingKey.invalid)
        keys += keys.map { "\($0).more" }
        for key in keys {
            let queues = routing.queues(ExchangeName.deadLetters, key)
            #expect(queues.filter(QueueName.deadLetterQueues.contains).count == 1, "\(key)")
            #expect(queues.filter { $0 == QueueName.recovery }.count == 1, "\(key)")
            #expect(queues.count == 2, "\(key)")
        }
    }

    @Test(arguments: QueueType.allCases)
    func `a dead-lettered message is stored, or returns to its stage from a tier`(_ type: QueueType) throws {
        let topology = Topology(type)
        let routing = TopologyRouting(topology: topology)
        for stage in Stage.allCases {
            for queue in QueueName.work(stage, type) {
                let letter = try #require(routing.deadLetter(from: queue, key: RoutingKey.job(stage, priority: 5)))
                #expect(
                    routing.queues(letter.exchange, letter.key) == [QueueName.deadLetters(stage), QueueName.recovery])
            }
            for tier in RetryTier.allCases {
                let key = RoutingKey.retry(tier, stage, priority: 9)
                let back = try #require(routing.deadLetter(from: tier.queue, key: key))
                #expect(back == (ExchangeName.jobs, key))
                #expect(routing.queues(back.exchange, back.key) == [QueueName.work(stage, type)[0]])
            }
        }
        var others = [QueueName.intake, QueueName.planner]
        if type == .quorum { others += [QueueName.review, QueueName.gatewayEvents, QueueName.audit] }
        for queue in others {
            let letter = try #require(routing.deadLetter(from: queue, key: "any"))
            #expect(routing.queues(letter.exchange, letter.key) == [QueueName.invalid, QueueName.recovery], "\(queue)")
        }
    }

    @Test func `a copy that recovery could not read a million times does not return to recovery`() throws {
        let routing = TopologyRouting(topology: Topology(.quorum))
        let letter = try #require(routing.deadLetter(from: QueueName.recovery, key: RoutingKey.dead(.match)))
        #expect(routing.queues(letter.exchange, letter.key) == [QueueName.invalid])
    }

    @Test func `a message that no queue matches is parked once and copied to recovery once`() {
        let routing = TopologyRouting(topology: Topology())
        #expect(routing.queues(ExchangeName.unrouted, "job.match") == [QueueName.invalid, QueueName.recovery])
    }

    @Test(arguments: QueueType.allCases)
    func `a dead-letter queue or a ledger has no limit and no TTL`(_ type: QueueType) throws {
        let topology = Topology(type)
        let losing = ["x-message-ttl", "x-expires", "x-max-length", "x-max-length-bytes"]
        let budgets = QueueName.limitedProviders.map(QueueName.budget)
        let preserving = [QueueName.recovery, QueueName.review, QueueName.audit, QueueName.gatewayEvents]
        for name in QueueName.deadLetterQueues + preserving + budgets {
            let queue = try #require(topology.queue(name))
            #expect(losing.allSatisfy { queue.arguments[$0] == nil }, "\(name)")
        }
        for name in QueueName.deadLetterQueues + budgets {
            #expect(topology.queue(name)?.arguments["x-dead-letter-exchange"] == nil, "\(name)")
        }
    }

    @Test(arguments: QueueType.allCases)
    func `every element is declared once, and before elements that refer to it`(_ type: QueueType) {
        let topology = Topology(type)
        let exchanges = topology.exchanges.map(\.name)
        let queues = topology.queues.map(\.name)
        #expect(Set(exchanges).count == exchanges.count && Set(queues).count == queues.count)
        for binding in topology.bindings {
            #expect(exchanges.contains(binding.exchange) && queues.contains(binding.queue), "\(binding)")
        }
        for (index, exchange) in topology.exchanges.enumerated() {
            guard case .string(let alternate)? = exchange.arguments["alternate-exchange"] else { continue }
            #expect(exchanges[..<index].contains(alternate), "\(exchange.name)")
        }
        for queue in topology.queues {
            guard case .string(let target)? = queue.arguments["x-dead-letter-exchange"] else { continue }
            #expect(exchanges.contains(target) || target.isEmpty, "\(queue.name)")
        }
    }

    @Test func `exchanges for jobs lose no message that fits no queue`() throws {
        let topology = Topology()
        for name in [ExchangeName.jobs, ExchangeName.retry, ExchangeName.deadLetters] {
            let exchange = try #require(topology.exchanges.first { $0.name == name })
            #expect(exchange.arguments["alternate-exchange"] == .string(ExchangeName.unrouted))
        }
    }

    @Test func `on one host work queues have priorities 0 to 9, and retry queues have none`() {
        let topology = Topology(.classic)
        let ranked = topology.queues.filter { $0.arguments["x-max-priority"] == .integer(9) }.map(\.name)
        #expect(Set(ranked) == Set(Stage.allCases.map { QueueName.work($0) } + [QueueName.planner]))
        let tiers = RetryTier.allCases.map(\.queue)
        #expect(topology.queues.filter { $0.arguments["x-queue-type"] != .string("classic") }.map(\.name) == tiers)
    }

    @Test(arguments: QueueType.allCases)
    func `a tier keeps a message until its stage has confirmed it`(_ type: QueueType) throws {
        for tier in RetryTier.allCases {
            let arguments = try #require(Topology(type).queue(tier.queue)).arguments
            #expect(arguments["x-queue-type"] == .string("quorum"))
            #expect(arguments["x-dead-letter-strategy"] == .string("at-least-once"))
            #expect(arguments["x-overflow"] == .string("reject-publish"))
        }
    }

    @Test func `in a cluster every queue is a quorum queue with a delivery limit on purpose`() {
        let topology = Topology(.quorum)
        for queue in topology.queues {
            #expect(queue.arguments["x-queue-type"] == .string("quorum"), "\(queue.name)")
            #expect(queue.arguments["x-delivery-limit"] == .integer(1_000_000), "\(queue.name)")
            #expect(queue.arguments["x-max-priority"] == nil, "\(queue.name)")
        }
        for queue in topology.queues where queue.arguments["x-dead-letter-exchange"] != nil {
            #expect(queue.arguments["x-dead-letter-strategy"] == .string("at-least-once"), "\(queue.name)")
            #expect(queue.arguments["x-overflow"] == .string("reject-publish"), "\(queue.name)")
        }
    }

    @Test func `the delay of a tier agrees with its name`() {
        let names: [RetryTier: Int64] = [
            .s1: 1, .s5: 5, .s15: 15, .m1: 60, .m5: 300, .m15: 900, .h1: 3600, .h6: 21600,
        ]
        for tier in RetryTier.allCases {
            #expect(tier.delay == .seconds(names[tier] ?? -1))
            #expect(Topology().queue(tier.queue)?.arguments["x-message-ttl"] == .integer((names[tier] ?? 0) * 1000))
        }
        #expect(RetryTier.allCases.map(\.delay) == RetryTier.allCases.map(\.delay).sorted())
    }
}

/// The table behind ``Topology``, in the order in which it is declared: what others refer to comes first.
struct TopologyTable {
    let queueType: QueueType

    private static let eventTTL: Int64 = 60_000
    private static let controlTTL: Int64 = 3_600_000

    var exchanges: [ExchangeDeclaration] {
        let unrouted: [String: TopologyArgument] = ["alternate-exchange": .string(ExchangeName.unrouted)]
        return [
            ExchangeDeclaration(name: ExchangeName.unrouted, kind: .fanout),
            ExchangeDeclaration(name: ExchangeName.deadLetters, kind: .topic, arguments: unrouted),
            ExchangeDeclaration(name: ExchangeName.jobs, kind: .topic, arguments: unrouted),
            ExchangeDeclaration(name: ExchangeName.retry, kind: .topic, arguments: unrouted),
            ExchangeDeclaration(name: ExchangeName.intake, kind: .direct),
            ExchangeDeclaration(name: ExchangeName.events, kind: .topic),
            ExchangeDeclaration(name: ExchangeName.control, kind: .fanout),
        ]
    }

    var queues: [QueueDeclaration] {
        deadLetterQueues + [durable(QueueName.recovery), intake] + work + [durable(QueueName.review), planner] + tiers
            + events
            + control + QueueName.limitedProviders.map { budget(QueueName.budget($0)) }
    }

    var bindings: [BindingDeclaration] {
        deadLetterBindings + [bind(ExchangeName.intake, QueueName.intake, QueueName.submitKey)] + workBindings
            + [bind(ExchangeName.jobs, QueueName.review, "*.review")] + tierBindings + eventBindings + controlBindings
    }
}

// MARK: - Queues

extension TopologyTable {
    private var deadLetterQueues: [QueueDeclaration] { QueueName.deadLetterQueues.map(parkingLot) }

    /// No TTL, no limit, no dead-lettering. Each look into a quorum queue counts as a delivery, and the default limit
    /// of 20 (RabbitMQ 4.0) would empty a parking lot that is looked at.
    private func parkingLot(_ name: String) -> QueueDeclaration {
        guard queueType == .quorum else { return durable(name) }
        return durable(name, ["x-delivery-limit": .integer(1_000_000)])
    }

    /// What it holds is taken and given back with every look, as in a parking lot.
    func budget(_ name: String) -> QueueDeclaration { parkingLot(name) }

    private var intake: QueueDeclaration {
        deadLettering(QueueName.intake, to: "invalid.intake")
    }

    /// Links to expand. A message that violates the contract is parked as an invalid one.
    private var planner: QueueDeclaration {
        prioritised(deadLettering(QueueName.planner, to: RoutingKey.invalid("planner")))
    }

    private var work: [QueueDeclaration] {
        Stage.allCases.flatMap { stage in
            QueueName.work(stage, queueType).map { name in
                prioritised(deadLettering(name, to: RoutingKey.broker(stage)))
            }
        }
    }

    /// Quorum queues have no `x-max-priority`.
    private func prioritised(_ queue: QueueDeclaration) -> QueueDeclaration {
        guard queueType == .classic else { return queue }
        var queue = queue
        queue.arguments["x-max-priority"] = .integer(9)
        return queue
    }

    /// The key is left alone, so that a message comes back to the stage it left.
    private var tiers: [QueueDeclaration] {
        RetryTier.allCases.map { tier in
            let milliseconds = Int64(tier.delay / .milliseconds(1))
            var arguments = atLeastOnce
            arguments["x-message-ttl"] = .integer(milliseconds)
            arguments["x-dead-letter-exchange"] = .string(ExchangeName.jobs)
            return durable(tier.queue, arguments)
        }
    }

    private var events: [QueueDeclaration] {
        // Progress may be lost and must never pile up: always classic, bounded, oldest out first.
        let progress: [String: TopologyArgument] = [
            "x-max-length": .integer(10_000), "x-message-ttl": .integer(Self.eventTTL),
        ]
        return [
            durable(QueueName.gatewayEvents),
            QueueDeclaration(name: QueueName.progressEvents, arguments: progress),
        ]
    }

    private var control: [QueueDeclaration] {
        ServiceName.allCases.map {
            QueueDeclaration(
                name: QueueName.control($0), arguments: ["x-message-ttl": .integer(Self.controlTTL)])
        }
    }

    private func deadLettering(_ name: String, to key: String) -> QueueDeclaration {
        var arguments = atLeastOnce
        arguments["x-dead-letter-exchange"] = .string(ExchangeName.deadLetters)
        arguments["x-dead-letter-routing-key"] = .string(key)
        return durable(name, arguments)
    }

    /// Classic queues dead-letter on their own node and lose nothing there; quorum queues must be told to wait for a
    /// confirm.
    private var atLeastOnce: [String: TopologyArgument] {
        guard queueType == .quorum else { return [:] }
        return ["x-dead-letter-strategy": .string("at-least-once"), "x-overflow": .string("reject-publish")]
    }

    private func durable(_ name: String, _ arguments: [String: TopologyArgument] = [:]) -> QueueDeclaration {
        var queue = QueueDeclaration(name: name, arguments: arguments)
        if queueType == .quorum { queue.arguments["x-queue-type"] = .string("quorum") }
        return queue
    }
}

// MARK: - Bindings

extension TopologyTable {
    private var deadLetterBindings: [BindingDeclaration] {
        let stages = Stage.allCases.flatMap { stage in
            ["dead", "broker"].map { origin in
                bind(ExchangeName.deadLetters, QueueName.deadLetters(stage), "\(origin).\(stage.rawValue).#")
            }
        }
        return stages + [
            bind(ExchangeName.deadLetters, QueueName.invalid, "invalid.#"),
            bind(ExchangeName.deadLetters, QueueName.recovery, "#"),
            bind(ExchangeName.unrouted, QueueName.invalid, ""),
        ]
    }

    private var workBindings: [BindingDeclaration] {
        Stage.allCases.flatMap { stage in
            switch queueType {
            case .classic:
                [
                    bind(ExchangeName.jobs, QueueName.work(stage), "*.\(stage.rawValue)"),
                    bind(ExchangeName.jobs, QueueName.work(stage), "*.\(stage.rawValue).*"),
                ]
            case .quorum:
                PriorityClass.allCases.map {
                    bind(ExchangeName.jobs, QueueName.work(stage) + $0.suffix, "*.\(stage.rawValue)\($0.suffix)")
                }
            }
        }
    }

    private var tierBindings: [BindingDeclaration] {
        RetryTier.allCases.map { bind(ExchangeName.retry, $0.queue, "t\($0.rawValue).#") }
    }

    private var eventBindings: [BindingDeclaration] {
        [
            bind(ExchangeName.events, QueueName.gatewayEvents, "job.#"),
            bind(ExchangeName.events, QueueName.gatewayEvents, "planner.#"),
            bind(ExchangeName.events, QueueName.progressEvents, "progress.#"),
        ]
    }

    private var controlBindings: [BindingDeclaration] {
        ServiceName.allCases.map { bind(ExchangeName.control, QueueName.control($0), "") }
    }

    private func bind(_ exchange: String, _ queue: String, _ key: String) -> BindingDeclaration {
        BindingDeclaration(exchange: exchange, queue: queue, routingKey: key)
    }
}

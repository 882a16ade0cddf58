/// The table of ``Topology``, in the order of declaration: elements stand after those that they refer to.
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
    private var deadLetterQueues: [QueueDeclaration] { QueueName.deadLetterQueues.map(holding) }

    /// Returns a queue without TTL, length limit and dead-lettering, for messages that stay in it.
    ///
    /// In a quorum queue every message that is read and returned counts as a delivery. The default delivery limit of 20
    /// (RabbitMQ 4.0) would drop messages that operators inspect.
    private func holding(_ name: String) -> QueueDeclaration {
        guard queueType == .quorum else { return durable(name) }
        return durable(name, ["x-delivery-limit": .integer(1_000_000)])
    }

    /// A ledger or lock is received and returned with every use, like an inspected dead letter.
    func budget(_ name: String) -> QueueDeclaration { holding(name) }

    private var intake: QueueDeclaration {
        deadLettering(QueueName.intake, to: "invalid.intake")
    }

    /// Links to expand. Messages that violate the contract are dead-lettered as invalid.
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

    /// The tiers do not change the routing key, so that a message returns to its stage.
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
        // Progress can be lost and must not fill the broker: always classic, bounded, and the oldest message is dropped
        // first.
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

    /// The arguments for dead-lettering without loss. Classic queues dead-letter on their own node and lose nothing;
    /// quorum queues wait for a confirm only with these arguments.
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

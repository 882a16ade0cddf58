import Contracts
import TestSupport

/// Chooses faults at random. Those of processes and connections are more frequent than those of the whole.
struct FaultLottery {
    /// The longest time that a service or the broker stays frozen.
    let longest: Duration
    private(set) var random: SeededGenerator

    init(seed: UInt64, longest: Duration) {
        self.longest = longest
        random = SeededGenerator(seed: seed, purpose: "faults")
    }

    private enum Draw: CaseIterable {
        case kill, freeze, stop, crash, clock, cut, pause, swallow, refuse, killBroker, freezeBroker, restartBroker
        case alarm, delete, damage, lock, slskd

        /// Out of about a hundred.
        var weight: Int {
            switch self {
            case .kill: 14
            case .cut: 10
            case .stop, .crash, .slskd: 8
            case .freeze, .pause, .swallow, .damage: 6
            case .delete: 5
            case .alarm, .lock: 4
            case .killBroker: 3
            case .clock, .refuse, .freezeBroker, .restartBroker: 2
            }
        }
    }

    /// Returns the next fault.
    mutating func draw() -> Fault {
        let drawn = drawKind()
        let kind = kind(of: drawn)
        switch drawn {
        case .cut, .restartBroker: return Fault(kind: kind, duration: .zero)
        case .freeze, .crash, .clock, .pause, .swallow, .freezeBroker: return Fault(kind: kind, duration: long())
        default: return Fault(kind: kind, duration: short())
        }
    }

    private mutating func drawKind() -> Draw {
        let total = Draw.allCases.reduce(0) { $0 + $1.weight }
        var number = Int.random(in: 0..<total, using: &random)
        for draw in Draw.allCases {
            if number < draw.weight { return draw }
            number -= draw.weight
        }
        return .kill
    }

    private mutating func kind(of draw: Draw) -> Fault.Kind {
        switch draw {
        case .kill: .killService(one(ServiceName.allCases))
        case .freeze: .freezeService(one(ServiceName.allCases))
        case .stop: .stopService(one(ServiceName.allCases))
        case .crash: .crashService(one(ServiceName.allCases))
        case .clock: .shiftClock(one(ServiceName.allCases), one([-86_400, -3600, -90, 90, 3600, 86_400]))
        case .cut: .cutConnection(number())
        case .pause: .pauseConnection(number())
        case .swallow: .swallowConnection(number())
        case .refuse: .refuseConnections
        case .killBroker: .killBroker(number())
        case .freezeBroker: .freezeBroker(number())
        case .restartBroker: .restartBroker(number())
        case .alarm: .alarm(one(PrivateBroker.Alarm.allCases))
        case .delete: .delete(part())
        case .damage: damage()
        case .lock: .lockDatabase(one(StateDatabase.allCases))
        case .slskd: .slskd(one(SlskdTrouble.allCases))
        }
    }

    /// The volume of the databases cannot become read-only, because services hold open files on it.
    private mutating func damage() -> Fault.Kind {
        let volume = one(Volume.allCases)
        return .damageVolume(volume, one(volume == .state ? [.full, .vanished] : VolumeDamage.allCases))
    }

    private mutating func part() -> TopologyPart {
        let queue = one(Stage.allCases.map { QueueName.work($0) } + [QueueName.gatewayEvents, "hdm.dlq.match"])
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<6: return .emptyQueue(queue)
        case 6..<9: return .bindings(of: queue)
        default: return .exchange(one([ExchangeName.jobs, ExchangeName.events, ExchangeName.retry]))
        }
    }

    private mutating func one<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    private mutating func number() -> Int { Int.random(in: 0..<1000, using: &random) }

    private mutating func short() -> Duration { longest / 3 * Double.random(in: 0.1...1, using: &random) }

    /// Mostly short, sometimes up to the longest.
    private mutating func long() -> Duration {
        let part = Double.random(in: 0.1...1, using: &random)
        return longest * (part * part)
    }

    /// Returns the time until the next fault.
    mutating func pause(around mean: Duration) -> Duration { mean * Double.random(in: 0.5...1.5, using: &random) }
}

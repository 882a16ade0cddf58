/// The requests of a run. The same seed gives the same requests.
struct Workload: Sendable, Equatable {
    /// What becomes of a request's track.
    enum Kind: String, Sendable, Equatable, Codable, CaseIterable {
        /// A file in the folder source.
        case folder
        /// A file that only peers of slskd share.
        case slskd
        /// No source has a file: a dead letter.
        case absent
        /// A doubtful file that a person approves.
        case approved
        /// A doubtful file that a person rejects.
        case rejected
    }

    struct Request: Sendable, Equatable {
        /// The number of the track, from 0.
        var track: Int
        var kind: Kind
        /// When it is submitted, as a part of the run.
        var at: Double
        /// Whether another service publishes the job directly to the match stage.
        var isForeign = false
        /// When the track is requested again; empty for never.
        var repeats: [Double] = []
        /// When the job is cancelled; `nil` for never.
        var cancelledAt: Double?
        /// How often the dead letter of the job is requeued.
        var requeues = 0
    }

    var requests: [Request]

    init(seed: UInt64, jobs: Int) {
        var random = SeededGenerator(seed: seed, purpose: "requests")
        requests = (0..<jobs).map { Self.request($0, &random) }
    }

    /// Creates requests of the same kind, spread evenly over a part of the run.
    init(_ kind: Kind, count: Int, within part: Double = 0.5) {
        requests = (0..<count).map { Request(track: $0, kind: kind, at: part * Double($0) / Double(count)) }
    }

    private static func request(_ track: Int, _ random: inout SeededGenerator) -> Request {
        var request = Request(track: track, kind: kind(&random), at: Double.random(in: 0...0.8, using: &random))
        if request.kind == .folder || request.kind == .absent { request.isForeign = random.chance(0.1) }
        if !request.isForeign { addChanges(to: &request, &random) }
        if request.kind == .absent, request.cancelledAt == nil, random.chance(0.4) { request.requeues = 1 }
        return request
    }

    /// A request whose job can end without success is not repeated, because it would then become another job.
    private static func addChanges(to request: inout Request, _ random: inout SeededGenerator) {
        let isReviewed = request.kind == .approved || request.kind == .rejected
        if !isReviewed, random.chance(0.1) {
            request.cancelledAt = min(1, request.at + Double.random(in: 0...0.2, using: &random))
        } else if request.kind != .absent, request.kind != .rejected, random.chance(0.15) {
            request.repeats = [Double.random(in: 0...1, using: &random)]
        }
    }

    private static func kind(_ random: inout SeededGenerator) -> Kind {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<50: .folder
        case 50..<70: .slskd
        case 70..<86: .absent
        case 86..<94: .approved
        default: .rejected
        }
    }
}

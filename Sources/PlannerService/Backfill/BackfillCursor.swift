/// How far a backfill is.
///
/// Stored as JSON. A field that is added later must have a default in `init(from:)`, so that older rows stay readable.
struct BackfillCursor: Codable, Sendable, Equatable {
    enum Phase: String, Codable, Sendable {
        /// Files of the library.
        case files
        /// Jobs that found nothing and have no identifier.
        case jobs
        /// Albums of the files.
        case albums
    }

    var phase = Phase.files
    /// The path of the last file.
    var path: String?
    /// The path after which this backfill began; `nil` for the beginning of the library.
    var origin: String?
    /// Whether the end of the library was reached, so that the files up to ``origin`` remain.
    var hasWrapped = false
    /// Whether no files remain.
    var hasReadFiles = false
    /// The number of the last job.
    var job: Int64 = 0
    /// The number of the job after which this backfill began; 0 for the first job.
    var jobOrigin: Int64 = 0
    /// Whether the last job was reached, so that the jobs up to ``jobOrigin`` remain.
    var hasWrappedJobs = false
    /// Whether no jobs remain.
    var hasReadJobs = false
    /// The number of the last album.
    var number: Int64 = 0

    init() {}

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        phase = try fields.decodeIfPresent(Phase.self, forKey: .phase) ?? .files
        path = try fields.decodeIfPresent(String.self, forKey: .path)
        origin = try fields.decodeIfPresent(String.self, forKey: .origin)
        hasWrapped = try fields.decodeIfPresent(Bool.self, forKey: .hasWrapped) ?? false
        // Earlier versions read all files before the jobs, and stored the number of the last job like that of an album.
        hasReadFiles = try fields.decodeIfPresent(Bool.self, forKey: .hasReadFiles) ?? (phase != .files)
        number = try fields.decodeIfPresent(Int64.self, forKey: .number) ?? 0
        job = try fields.decodeIfPresent(Int64.self, forKey: .job) ?? (phase == .jobs ? number : 0)
        jobOrigin = try fields.decodeIfPresent(Int64.self, forKey: .jobOrigin) ?? 0
        hasWrappedJobs = try fields.decodeIfPresent(Bool.self, forKey: .hasWrappedJobs) ?? false
        hasReadJobs = try fields.decodeIfPresent(Bool.self, forKey: .hasReadJobs) ?? (phase == .albums)
    }

    /// Begins the phase after the present one. Files that remain after the jobs are read with the rest of the budget.
    /// - Parameter hasBudget: whether more files and jobs may be looked up.
    /// - Returns: `false` when the last phase is complete.
    mutating func beginNextPhase(hasBudget: Bool) -> Bool {
        switch phase {
        case .files where hasBudget && !hasReadJobs: phase = .jobs
        case .jobs where hasBudget && !hasReadFiles: phase = .files
        case .files, .jobs:
            phase = .albums
            number = 0
        case .albums: return false
        }
        return true
    }

    /// Moves past a page of files.
    /// - Parameter isLastPage: whether it was the last one of the library.
    mutating func advance(past path: String?, isLastPage: Bool) {
        self.path = path ?? self.path
        if let origin, hasWrapped, let path, !origin.isAfter(path) { hasReadFiles = true }
        guard isLastPage, !hasReadFiles else { return }
        guard origin != nil, !hasWrapped else { return hasReadFiles = true }
        hasWrapped = true
        self.path = nil
    }

    /// Moves past a page of jobs.
    /// - Parameter next: where the next page begins; `nil` after the last page.
    mutating func advance(pastJob last: Int64?, next: Int64?) {
        job = next ?? last ?? job
        if hasWrappedJobs, job >= jobOrigin { hasReadJobs = true }
        guard next == nil, !hasReadJobs else { return }
        guard jobOrigin > 0, !hasWrappedJobs else { return hasReadJobs = true }
        hasWrappedJobs = true
        job = 0
    }
}

extension String {
    /// Returns whether the path comes after another one in the library's order, which is that of bytes.
    func isAfter(_ other: String?) -> Bool {
        guard let other else { return false }
        return other.utf8.lexicographicallyPrecedes(utf8)
    }
}

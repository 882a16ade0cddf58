import Contracts

extension Accountant {
    /// The tracks of completed jobs, each once per job.
    private var completedTracks: [Int: [String]] {
        evidence.jobs.reduce(into: [:]) { tracks, job in
            guard job.state == JobState.completed.rawValue, let track = accepted[job.id]?.first?.request.track else {
                return
            }
            tracks[track, default: []].append(job.id)
        }
    }

    /// Each completed job has one whole file, and each file belongs to a completed job.
    func library() -> [Finding] {
        let completed = completedTracks
        let files = Dictionary(grouping: evidence.library, by: \.track)
        var findings = evidence.library.compactMap { file -> Finding? in
            guard file.track == nil || !file.isWhole else { return nil }
            let problem = file.track == nil ? "has an unknown content" : "is not whole"
            return Finding(
                rule: .library, job: file.track.flatMap { completed[$0]?.first }, text: "\(file.path) \(problem)")
        }
        for track in Set(completed.keys).union(files.keys.compactMap { $0 }).sorted() {
            let (jobs, paths) = (completed[track] ?? [], (files[track] ?? []).map(\.path))
            guard jobs.count != paths.count || jobs.count > 1 else { continue }
            let text = "track \(track) has \(paths.count) files \(paths) for \(jobs.count) completed jobs \(jobs)"
            findings.append(Finding(rule: .library, job: jobs.first, text: text))
        }
        return findings
    }

    /// Each file of the library was added once, and each addition has its file.
    func audit() -> [Finding] {
        let additions = Dictionary(grouping: evidence.audit.filter { $0.action == "added" }, by: \.path)
        let paths = Set(evidence.library.map(\.path))
        return paths.union(additions.keys).sorted().compactMap { path in
            let rows = additions[path] ?? []
            if paths.contains(path), rows.count == 1 { return nil }
            let problem = paths.contains(path) ? "is in the library" : "is not in the library"
            return Finding(
                rule: .audit, job: rows.first?.job, text: "\(path) \(problem) and was added \(rows.count) times")
        }
    }

    /// Jobs that ended without success hold no key; completed ones hold theirs.
    func reservations() -> [Finding] {
        let held = Dictionary(grouping: evidence.reservations, by: \.job)
        let strangers = held.keys.filter { jobs[$0] == nil }.sorted().map {
            Finding(rule: .reservation, job: $0, text: "an unknown job holds \((held[$0] ?? []).map(\.key))")
        }
        return strangers
            + evidence.jobs.compactMap { job in
                let rows = held[job.id] ?? []
                let isForeign = accepted[job.id]?.allSatisfy(\.request.isForeign) ?? false
                let problem: String?
                switch JobState(rawValue: job.state) {
                case .completed where isForeign: problem = rows.allSatisfy { $0.status == "completed" } ? nil : "active"
                case .completed: problem = rows.map(\.status) == ["completed"] ? nil : "not held once as completed"
                case .deadLetter, .cancelled: problem = rows.isEmpty ? nil : "held after the job ended without success"
                default: problem = nil
                }
                return problem.map {
                    Finding(
                        rule: .reservation, job: job.id,
                        text: "its key is \($0): \(rows.map { "\($0.key) \($0.status)" })")
                }
            }
    }
}

import Contracts

/// A batch as text for people.
enum BatchText {
    /// Returns the batch and its running jobs, in at most `rows` lines of `columns` characters.
    static func text(_ report: BatchReport, rows: Int, columns: Int) -> String {
        var lines = [heading(report.batch), "  " + totals(report.batch)]
        if let progress = report.batch.progress { lines.append("  " + transfers(progress)) }
        let jobs = report.jobs.map { "  " + job($0) }
        let room = max(3, rows - lines.count - 2)
        if !jobs.isEmpty {
            lines.append("")
            lines += jobs.count <= room ? jobs : jobs.prefix(room - 1) + ["  … and \(jobs.count - room + 1) more"]
        }
        return lines.map { String($0.prefix(columns)) }.joined(separator: "\n")
    }

    /// Returns the id, the state, and how many jobs have ended.
    static func heading(_ batch: BatchNumbers) -> String {
        let known = batch.alreadyProcessed > 0 ? ", \(batch.alreadyProcessed) were already in the library" : ""
        return "batch \(batch.id): \(batch.state), \(batch.ended) of \(batch.all) ended\(known)".harmless
    }

    /// Returns the number of jobs in each state.
    static func totals(_ batch: BatchNumbers) -> String {
        batch.named.isEmpty
            ? "no jobs" : batch.named.map { "\($0.state) \($0.count)" }.joined(separator: ", ").harmless
    }

    private static func transfers(_ progress: BatchNumbers.Progress) -> String {
        var parts = ["\(bytes(progress.done)) of \(bytes(progress.total)) in \(progress.running) running"]
        if progress.rate > 0 {
            parts.append("\(bytes(Int64(clamping: progress.rate)))/s")
            let left = Double(max(0, progress.total - progress.done)) / progress.rate
            if progress.total > 0 { parts.append("\(time(left)) left") }
        }
        return parts.joined(separator: ", ")
    }

    /// Returns the state of a job, and why and until when it waits.
    static func job(_ job: RunningJob) -> String {
        let name = "\(job.artist) - \(job.title)"
        let state = job.state.padding(to: 11)
        return ([state + " " + name] + details(job)).joined(separator: "; ").harmless
    }

    private static func details(_ job: RunningJob) -> [String] {
        guard job.state == "waiting" else { return job.progress.map(transfer) ?? [] }
        let until = job.notBefore.map { "until \($0)" }
        let place = job.message == nil ? job.progress.flatMap(place) : nil
        return [job.message, place, until].compactMap(\.self)
    }

    private static func transfer(_ progress: RunningJob.Progress) -> [String] {
        if progress.phase == "queued" { return [place(progress) ?? "in the peer's queue"] }
        if progress.phase == "starting" { return ["starting"] + (progress.peer.map { ["from \($0)"] } ?? []) }
        var parts: [String] = []
        if let percent = progress.percent { parts.append("\(percent) %") }
        if let total = progress.total { parts.append("\(bytes(progress.done)) of \(bytes(total))") }
        if let rate = progress.rate { parts.append("\(bytes(Int64(clamping: rate)))/s") }
        if let left = progress.left { parts.append("\(time(left)) left") }
        if let peer = progress.peer { parts.append("from \(peer)") }
        return parts
    }

    private static func place(_ progress: RunningJob.Progress) -> String? {
        guard let place = progress.placeInQueue else { return nil }
        return "place \(place) in the queue" + (progress.peer.map { " of \($0)" } ?? "")
    }

    /// Returns a text such as `12.3 MB`. A megabyte has 1 000 000 bytes.
    static func bytes(_ count: Int64) -> String {
        let units = ["kB", "MB", "GB", "TB"]
        guard count >= 1000 else { return "\(count) B" }
        var (value, unit) = (Double(count) / 1000, 0)
        while value >= 999.95, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
        return "\((value * 10).rounded() / 10) \(units[unit])"
    }

    /// Returns a text such as `1:05` or `2:10:00`.
    static func time(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 8_640_000).rounded(.up))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

extension Int64 {
    fileprivate init(clamping value: Double) { self = value < Double(Int64.max) ? Int64(value) : .max }
}

import Contracts
import Foundation

/// The sections of a job that a restart at a stage needs and takes over.
struct StageSections {
    /// The sections of a job, oldest first.
    let stored: [StoredSection]

    /// Returns the last stage, at most the given one, at which the job can continue with what is stored.
    ///
    /// A stage can continue when every stage before it has stored its result, and each result is newer than that of the
    /// stage before. So a file that was downloaded for an earlier match is not used with a later one.
    /// - Parameter document: may contain results, too: those of a job that arrived at a later stage.
    func lastStage(upTo limit: Stage, in document: JobDocument) -> Stage {
        var position = EventPosition.start
        for stage in Stage.allCases where stage < limit {
            if let result = result(of: stage) {
                guard result.position > position else { return stage }
                position = result.position
            } else if position > .start || !document.hasResult(of: stage) {
                return stage
            }
        }
        return limit
    }

    /// Returns the sections with which a restart at a stage replaces those of the document.
    func contents(before stage: Stage) -> [JobSection: Data] {
        var contents: [JobSection: Data] = [:]
        let own = Self.sections(before: stage)
        for section in stored where own.contains(section.section) { contents[section.section] = section.content }
        return contents
    }

    /// Returns the sections that a restart at a stage removes: those of this stage and of later ones. Metadata stay,
    /// because a submission can contain them.
    static func removed(at stage: Stage) -> Set<JobSection> {
        Set(Stage.allCases.filter { $0 >= stage }.flatMap(\.ownSections)).subtracting(sections(before: stage))
            .subtracting([.metadata])
    }

    private static func sections(before stage: Stage) -> Set<JobSection> {
        Set(Stage.allCases.filter { $0 < stage }.flatMap(\.ownSections))
    }

    private func result(of stage: Stage) -> StoredSection? {
        stored.last { $0.stage == stage && $0.section == stage.result }
    }
}

extension Stage {
    /// The section without which the next stage cannot work.
    fileprivate var result: JobSection {
        switch self {
        case .match: .match
        case .download: .download
        case .tag: .tag
        case .move: .move
        }
    }
}

extension JobDocument {
    fileprivate func hasResult(of stage: Stage) -> Bool {
        switch stage {
        case .match: match != nil
        case .download: download != nil
        case .tag: tag != nil
        case .move: move != nil
        }
    }
}

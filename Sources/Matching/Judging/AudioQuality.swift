import Contracts

/// The quality of a file by its attributes, with a check that they are consistent.
struct AudioQuality: Sendable {
    let qualityClass: QualityClass?
    /// The reason why the attributes cannot be those of a complete file; `nil` if they can.
    let doubt: String?
    /// The duration as the source states it, or as size and bitrate give it; `nil` if both are unknown.
    let durationMS: Int?

    /// - Parameter isTrusted: Whether the attributes were read from a file of the user. They are not checked then.
    init(_ file: OfferedFile, type: AudioType, wantedMS: Int?, minimumKbps: Int, isTrusted: Bool) {
        let isLossless = Self.isLossless(file, type, wantedMS)
        guard type != .other else {
            self.init(nil, "not an audio file", nil)
            return
        }
        guard file.size > Self.least(file, isLossless) || isTrusted else {
            self.init(nil, "too small for music", file.durationMS)
            return
        }
        let judged = isLossless ? Self.lossless(file, wantedMS) : Self.lossy(file, type, wantedMS, minimumKbps)
        self.init(judged.qualityClass, isTrusted ? nil : judged.doubt, isTrusted ? file.durationMS : judged.durationMS)
    }

    static let unknown = AudioQuality(nil, nil, nil)

    private init(_ qualityClass: QualityClass?, _ doubt: String?, _ durationMS: Int?) {
        self.qualityClass = qualityClass
        self.doubt = doubt
        self.durationMS = durationMS
    }

    /// Returns the size in bytes above which a file can be music. Without a duration it is that of a few seconds.
    private static func least(_ file: OfferedFile, _ isLossless: Bool) -> Int64 {
        guard file.durationMS == nil else { return 20_000 }
        return isLossless ? 500_000 : 200_000
    }

    private static func isLossless(_ file: OfferedFile, _ type: AudioType, _ wantedMS: Int?) -> Bool {
        guard type == .m4a else { return type == .lossless }
        if file.bitDepth != nil { return true }
        return (file.bitrateKbps ?? rate(file.size, file.durationMS ?? wantedMS).map { Int($0) } ?? 0) > 400
    }

    /// Returns the bitrate in kilobits a second; `nil` without a duration.
    private static func rate(_ size: Int64, _ milliseconds: Int?) -> Double? {
        milliseconds.flatMap { $0 > 0 ? Double(size) * 8 / Double($0) : nil }
    }

    private static func lossless(_ file: OfferedFile, _ wantedMS: Int?) -> AudioQuality {
        let rate = rate(file.size, file.durationMS ?? wantedMS)
        let depth = file.bitDepth ?? (rate ?? 0 > 1450 ? 24 : 16)
        let raw = Double(file.sampleRate ?? (depth > 16 ? 192_000 : 48_000)) * Double(depth) * 2 / 1000
        let quality: QualityClass = depth > 16 ? .lossless24 : .lossless16
        guard let rate else { return AudioQuality(quality, nil, file.durationMS) }
        // Without its own duration a file is measured by the wanted one. A low bitrate then means a truncated file.
        let least = file.durationMS == nil ? 390.0 : 250.0
        if rate < least {
            return AudioQuality(quality, "too small for lossless audio of its duration", file.durationMS)
        }
        if rate > raw * 1.06 { return AudioQuality(quality, "too large for its duration", file.durationMS) }
        return AudioQuality(quality, nil, file.durationMS)
    }

    private static func lossy(
        _ file: OfferedFile, _ type: AudioType, _ wantedMS: Int?, _ minimumKbps: Int
    ) -> AudioQuality {
        let duration = file.durationMS ?? impliedDuration(file, wantedMS)
        let real = rate(file.size, duration ?? wantedMS)
        guard let said = file.bitrateKbps.map(Double.init) ?? real else { return AudioQuality(nil, nil, duration) }
        let quality = lossyClass(said, isVariable: isVariable(file, type))
        if said < Double(minimumKbps) * (file.bitrateKbps == nil ? 0.97 : 1) {
            return AudioQuality(quality, "below the minimum bitrate", duration)
        }
        if let real, !(0.9...1.15).contains(real / said) {
            return AudioQuality(quality, "size, duration and bitrate are inconsistent", duration)
        }
        return AudioQuality(quality, nil, duration)
    }

    /// Returns the duration that size and bitrate give. Tags and pictures can make up a fortieth of the size.
    private static func impliedDuration(_ file: OfferedFile, _ wantedMS: Int?) -> Int? {
        guard let kbps = file.bitrateKbps, kbps > 0 else { return nil }
        let longest = Int(clamping: file.size.multipliedReportingOverflow(by: 8).partialValue / Int64(kbps))
        guard let wantedMS, longest > wantedMS else { return longest }
        return max(wantedMS, longest - longest / 40)
    }

    private static func isVariable(_ file: OfferedFile, _ type: AudioType) -> Bool {
        guard type == .mp3 else { return false }
        if let isVariable = file.isVariableBitrate, isVariable { return true }
        return file.bitrateKbps.map { !isStandardRate($0) } ?? false
    }

    private static func isStandardRate(_ kbps: Int) -> Bool {
        switch kbps {
        case 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320: true
        default: false
        }
    }

    private static func lossyClass(_ kbps: Double, isVariable: Bool) -> QualityClass {
        if kbps >= 315 { return .lossyNearTransparent }
        if isVariable, kbps >= 220 { return .variableHigh }
        return kbps >= 250 ? .lossyHigh : .lossyFair
    }
}
